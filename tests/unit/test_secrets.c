/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The secret engine: generated tokens of the families, known values in every
 * reading, what is none, owners.  With files as arguments it scans those and
 * prints what it takes for a credential.
 */
#include "base/file.h"
#include "effects/secrets.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static const char *env[] = {
    "PAY_TOKEN=Vq7xLm29TzRb4KpWs8Yd",
    "GITHUB_TOKEN=ghxWb8Lq2Zt6Yr4Nd9Fs1Kv",
    "DATABASE_URL=postgres://app:Zk4vTq81Lm@db.prod.example/app",
    "PATH=/usr/bin:/bin",
    "HOME=/nonexistent",
    "API_KEY=changeme",
    "SSH_AUTH_SOCK=/tmp/ssh-XXXXabcdEF12/agent.123",
    "GIT_AUTHOR_NAME=Ann Bell",
    "BOT_TOKEN=ghp_"
    "Tz8mWq3Lx6Rb9Kp"
    "2Vs5Yd7Hn4Jc1Gf1sMLfW",
    "BASE_URL=https://staging.example.com/api",
    NULL};
static struct invocation in = {.cwd = "/nonexistent", .env = env, .envc = 10};
static struct scope_secret profile[] = {
    {.name = "pay", .env = "PAY_TOKEN"},
    {.name = "pay", .host = "*.pay.example"}};
static struct scope_rules rules = {.secrets = profile, .nsecrets = 2};
static struct secrets *s;

static size_t
scan(const char *text, struct secret_found *v)
{
	return secrets_scan(s, text, strlen(text), "a test", v, 8);
}

static const char *
family(const char *text)
{
	struct secret_found v[8];

	return scan(text, v) ? v[0].owner->family : NULL;
}

static char *
random_text(const char *letters, size_t len)
{
	char *out = talloc_zero_size(s, len + 1);
	size_t n = strlen(letters);

	for (size_t i = 0; i < len; i++)
		out[i] = letters[(size_t)random() % n];
	return out;
}

#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define HEX   "0123456789abcdef"

static void
finds_generated_tokens(void **state)
{
	static const struct {
		const char *prefix, *letters;
		size_t len;
		const char *family;
	} kinds[] = {
	    {"glpat-", ALNUM, 20, "gitlab"},
	    {"AKIA", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16, "aws"},
	    {"AIza", ALNUM, 35, "google"},
	    {"GOCSPX-", ALNUM, 28, "google"},
	    {"sk-ant-api03-", ALNUM, 95, "anthropic"},
	    {"sk-proj-", ALNUM, 60, "openai"},
	    {"sk-or-v1-", HEX, 64, "openrouter"},
	    {"gsk_", ALNUM, 52, "groq"},
	    {"hf_", ALNUM, 34, "huggingface"},
	    {"xoxb-1234567890-", ALNUM, 30, "slack"},
	    {"dckr_pat_", ALNUM, 27, "docker"},
	    {"sk_live_", ALNUM, 24, "stripe"},
	    {"dop_v1_", HEX, 64, "digitalocean"},
	    {"shpat_", HEX, 32, "shopify"},
	    {"hvs.", ALNUM, 95, "vault"},
	    {"lin_api_", ALNUM, 40, "linear"},
	    {"dapi", HEX, 32, "databricks"},
	    {"figd_", ALNUM, 40, "figma"},
	    {"rubygems_", HEX, 48, "rubygems"},
	    {"nfp_", ALNUM, 36, "netlify"},
	};

	(void)state;
	for (int round = 0; round < 200; round++)
		for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
			char *text = talloc_asprintf(
			    s, "export X='%s%s' # of mine", kinds[i].prefix,
			    random_text(kinds[i].letters, kinds[i].len));

			if (!family(text))
				print_message("%s\n", text);
			assert_string_equal(family(text), kinds[i].family);
			talloc_free(text);
		}
}

static void
checks_what_has_a_checksum(void **state)
{
	(void)state;
	/* thirty letters and their CRC-32 in base 62 */
	assert_string_equal(family("ghp_"
				   "zQWBuTSOoRi4A9spHcVY"
				   "5ncnsDkxkJ0mLq17"),
			    "github");
	assert_null(family("ghp_"
			   "zQWBuTSOoRi4A9spHcVY"
			   "5ncnsDkxkJ0mLq1a"));
}

static void
finds_known_values_in_any_reading(void **state)
{
	static const char *const texts[] = {
	    "x=Vq7xLm29TzRb4KpWs8Yd",
	    "x=Vq7xLm29TzRb4KpW", /* most of it */
	    "VnE3eExtMjlUelJiNEtwV3M4WWQ=",
	    "k%3DVnE3eExtMjlUelJiNEtwV3M4WWQ%3D",
	    "https://h/?d=a1ZxN3hMbTI5VHpSYjRLcFdzOFlk",
	    "5671 3778 4c6d 3239 547a 5262 344b 7057 7338 5964",
	    "5671:3778:4c6d:3239:547a:5262:344b:7057",
	    "dY8sWpK4bRzT92mLx7qV",
	    "Vq7xLm2.9TzRb4Kp.Ws8Yd.h.example",
	    "V%71%37xLm29TzRb4KpWs8Yd",
	    "Vm5FM2VFeHRNamxVZWxKaU5FdHdWM000V1dRPQ==", /* twice */
	    "Zk4vTq81Lm",
	    "\\u0056\\u0071\\u0037\\u0078\\u004c\\u006d\\u0032\\u0039"
	    "\\u0054\\u007a\\u0052\\u0062\\u0034\\u004b\\u0070\\u0057",
	    "R&h6YOl>kbRC-ckG)r(-b2wRK",
	    "{\"x\": \"VODWBcuZ|FIaGR5Vl+!|S93U7WB\"}",
	    "<~@:E8W2gA#51-&<[;IVIUE*%*\?=_%~>",
	    "begin 644 x\n"
	    "6:SU6<3=X3&TR.51Z4F(T2W!7<SA99   \n`\nend",
	    /* od -v */
	    "0000000 050101 036520 064163 070157 050012 054501 052137 045517\n"
	    "0000020 047105 053075 033561 046170 031155 052071 051172 032142\n"
	    "0000040 070113 071527 054470 005144\n"
	    "0000050\n",
	    /* od -An -tx2 */
	    " 5041 3d50 6873 706f 500a 5941 545f 4b4f\n"
	    " 4e45 563d 3771 4c78 326d 5439 527a 3462\n"
	    " 704b 7357 5938 0a64\n",
	    /* od -tx4 */
	    "0000000 3d505041 706f6873 5941500a 4b4f545f\n"
	    "0000020 563d4e45 4c783771 5439326d 3462527a\n"
	    "0000040 7357704b 0a645938\n"
	    "0000050\n",
	    /* xxd */
	    "00000000: 4150 503d 7368 6f70 0a50 4159 5f54 4f4b  "
	    "APP=shop.PAY_TOK\n"
	    "00000010: 454e 3d56 7137 784c 6d32 3954 7a52 6234  "
	    "EN=Vq7xLm29TzRb4\n"
	    "00000020: 4b70 5773 3859 640a                      KpWs8Yd.\n",
	    /* xxd -b */
	    "00000000: 01000001 01010000 01010000 00111101 01110011 01101000  "
	    "APP=sh\n"
	    "00000006: 01101111 01110000 00001010 01010000 01000001 01011001  "
	    "op.PAY\n"
	    "0000000c: 01011111 01010100 01001111 01001011 01000101 01001110  "
	    "_TOKEN\n"
	    "00000012: 00111101 01010110 01110001 00110111 01111000 01001100  "
	    "=Vq7xL\n"
	    "00000018: 01101101 00110010 00111001 01010100 01111010 01010010  "
	    "m29TzR\n"
	    "0000001e: 01100010 00110100 01001011 01110000 01010111 01110011  "
	    "b4KpWs\n"
	    "00000024: 00111000 01011001 01100100 00001010                    "
	    "8Yd.\n",
	    /* xxd -e */
	    "00000000: 3d505041 706f6873 5941500a 4b4f545f  APP=shop.PAY_TOK\n"
	    "00000010: 563d4e45 4c783771 5439326d 3462527a  EN=Vq7xLm29TzRb4\n"
	    "00000020: 7357704b 0a645938                    KpWs8Yd.\n",
	    /* hexdump */
	    "0000000 5041 3d50 6873 706f 500a 5941 545f 4b4f\n"
	    "0000010 4e45 563d 3771 4c78 326d 5439 527a 3462\n"
	    "0000020 704b 7357 5938 0a64                    \n"
	    "0000028\n",
	    /* hexdump -C */
	    "00000000  41 50 50 3d 73 68 6f 70  0a 50 41 59 5f 54 4f 4b  "
	    "|APP=shop.PAY_TOK|\n"
	    "00000010  45 4e 3d 56 71 37 78 4c  6d 32 39 54 7a 52 62 34  "
	    "|EN=Vq7xLm29TzRb4|\n"
	    "00000020  4b 70 57 73 38 59 64 0a                           "
	    "|KpWs8Yd.|\n"
	    "00000028\n",
	    "Id7kYz29GmEo4XcJf8Lq",
	    "V-q-7-x-L-m-2-9-T-z-R-b-4-K-p-W-s-8-Y-d",
	    "Vq7x + Lm29 + TzRb + 4KpW + s8Yd",
	    "V_q_7_x_L_m|2|9|T|z|R|b|4_K_p_W_s_8_Y_d",
	    /* another case */
	    "vQ7XlM29tZrB4kPwS8yD",
	    "vq7xlm29tzrb4kpws8yd",
	    "VQ7XLM29TZRB4KPWS8YD",
	    /* base32hex, base58, a number, bits */
	    "A10LINQK9T5KAJHTAPOJEU2CDKP3IL3QA9H38IRGATPJGMB4",
	    "H5hTLRiHaa47LwuvV3S2BgzqjnxKVqm6xHUgaeiCj",
	    "493498022609482743525089056844235437850966382948",
	    "01010110011100010011011101111000010011000110110100110010"
	    "00111001010101000111101001010010011000100011010001001011"
	    "011100000101011101110011001110000101100101100100",
	    /* escapes between plain letters */
	    "V=717xL=6D29T=7ARb4=4BpWs=38Yd",
	    "V&#x71;7xL&#x6d;29T&#x7a;Rb4&#x4b;pWs&#x38;Yd",
	    "V\\1617xL\\15529T\\172Rb4\\113pWs\\070Yd",
	    "V\\u00717xL\\u006d29T\\u{7a}Rb4\\x4bpWs\\u0038Yd",
	    /* three times: percent signs, base64 of hex of base64, base32 of
	     * base64 backwards, rotated hex of base85, base64 of base85 of
	     * what is compressed */
	    "%252556%252571%252537%252578%25254C%25256D%252532%252539"
	    "%252554%25257A%252552%252562%252534%25254B",
	    "NTY2ZTQ1MzM2NTQ1Nzg3NDRkNmE2YzU1NjU2YzRhNjk0ZTQ1NzQ3NzU2MzM0"
	    "ZDM0NTc1NzUxM2Q=",
	    "HVIVOVZUJUZVM53UIVHGSSTMMVKWY2SNOR4EKZJTIVXFM===",
	    "3p634p274339506p4s463p2q68474s316556646846235o3p35",
	    "QUJ6WTgwMDAwMDBzeyp4R19VWjxITD90OzNROThaRShrQlNoKWUraD5eUypF"
	    "NmFXQUs=",
	    /* compressed */
	    "H4sIAAAAAAACA6uwDSs0r/DJNbIMqQpKMvEuCC+2iEzhAgC3ac19FwAAAA==",
	    "{\"filename\":\"reportOfTheSecondQuarter\", \"data\":"
	    "\"H4sIAAAAAAACA6uwDSs0r/DJNbIMqQpKMvEuCC+2iEzhAgC3ac19FwAAAA=="
	    "\"}",
	};
	struct secret_found v[8];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		if (!scan(texts[i], v))
			print_message("%s\n", texts[i]);
		assert_int_equal(scan(texts[i], v), 1);
		assert_null(strstr(v[0].what, "Vq7x"));
	}
}

/* What gzip makes of it, in a tar and behind three million zeros. */
static void
unpacks(void **state)
{
	static const char tar[] =
	    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xed\xd4"
	    "\xb1\x0e\x82\x30\x14\x85\xe1\x3b\xf3\x14\xbe\x01"
	    "\x85\x54\x2a\x83\x4f\xa0\x93\x31\x1a\xc6\x12\x62"
	    "\x62\x22\x04\xa9\x24\xc4\xa7\xb7\x30\x19\x76\x20"
	    "\x84\xff\x5b\xce\x4d\x3b\xb4\xcb\xb9\x56\xa6\xa7"
	    "\xbc\x44\xeb\x21\xbd\x71\xf6\xb7\x7f\x73\x7f\x9e"
	    "\x44\x4a\xcb\x4e\xcd\xf0\x37\x69\xdd\xc7\x36\xfe"
	    "\x49\xd9\xa6\xfa\x65\x9f\x55\x20\xd8\x28\xd7\xe6"
	    "\xe1\x63\xe9\xfe\xc7\x66\xdc\x7f\xa3\xf6\xf4\x7f"
	    "\x0e\xdd\xf1\xf6\x36\xdd\xb9\x8c\xd3\xeb\xf7\x92"
	    "\xeb\x53\x7d\x77\x87\xac\x60\x21\x00\x00\x00\x00"
	    "\x00\x00\x00\x00\x00\x00\x00\x00\xac\xc5\x0f\x75"
	    "\x40\x33\xad\x00\x28\x00\x00";
	static const char zeros[] =
	    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x93\xef"
	    "\xe6\x60\x00\x01\x26\xe6\xb7\x07\x37\x72\x36\x18"
	    "\x30\x30\x6c\x38\x67\xeb\xce\xf5\xea\x01\xab\x55"
	    "\xa7\xc6\xba\xa3\xa1\x1b\x4a\x34\xe3\xde\xcb\x3a"
	    "\x4d\x12\x60\x18\x05\xa3\x60\x14\x8c\x82\x51\x30"
	    "\x0a\x46\xc1\x28\x18\x05\xa3\x60\x14\x0c\x3b\xf0"
	    "\x6f\xad\x6f\xf5\xcb\xdb\x45\xe5\x8f\xbf\xad\xb3"
	    "\x3c\x7b\x3e\xb0\xfd\x73\x97\x7c\xde\xb1\x5f\xc5"
	    "\xe2\x0c\x06\x0c\x00\x0f\x21\xa2\xd5\x2c\x0c\x00"
	    "\x00";
	struct secret_found v[8];

	(void)state;
	assert_int_equal(secrets_scan(s, tar, sizeof(tar) - 1, "x.tgz", v, 8),
			 1);
	assert_string_equal(v[0].where, "x.tgz: sub/f");
	assert_int_equal(
	    secrets_scan(s, zeros, sizeof(zeros) - 1, "x.gz", v, 8), 1);
	assert_string_equal(v[0].where, "x.gz");
	assert_false(secrets_unread(s));
}

static void
knows_whose_it_is(void **state)
{
	struct secret_found v[8];

	(void)state;
	assert_int_equal(scan("Vq7xLm29TzRb4KpWs8Yd", v), 1);
	assert_true(secret_belongs(&v[0], "api.pay.example"));
	assert_false(secret_belongs(&v[0], "pay.example.evil.test"));
	assert_int_equal(scan("ghxWb8Lq2Zt6Yr4Nd9Fs1Kv", v), 1);
	assert_true(secret_belongs(&v[0], "api.github.com"));
	assert_false(secret_belongs(&v[0], "github.com.evil.test"));
	/* by its looks, where its variable says nothing */
	for (size_t n = scan(env[8] + strlen("BOT_TOKEN="), v); n; n--) {
		assert_true(secret_belongs(&v[n - 1], "api.github.com"));
		assert_false(secret_belongs(&v[n - 1], "evil.test"));
	}
	assert_int_equal(scan("Zk4vTq81Lm", v), 1);
	assert_true(secret_belongs(&v[0], "db.prod.example"));
}

static void
leaves_others_alone(void **state)
{
	static const char *const texts[] = {
	    "AKIAIOSFODNN7EXAMPLE",
	    "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	    "https://staging.example.com/api/health",
	    "changeme",
	    /* no key begins so */
	    "-----BEGIN RSA PRIVATE KEY-----\n"
	    "lrMAsSjjkKiRxGdgR8p5kZJj0AFgdWYa3OT2snIXnN5\n",
	    /* nor is it as short, for what it says of its length */
	    "`-----BEGIN RSA PRIVATE KEY----- MIIEpQIBAAKCAQEAtN5wKd83GyLc"
	    "Rf6hHn3cUe60JgXa5QfMt1Zo. -----END RSA PRIVATE KEY-----`",
	    "ghs_1234567890_eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJvdXJzZWx2ZXMifQ"
	    ".aB-cDef_GHIjkl-mnoPQR0123456",
	    /* what vendors show */
	    "sk_"
	    "test_4eC39HqLyjWDarjtT1zdp7dc",
	    "api.telegram.org/bot110201543:"
	    "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/getMe",
	    "AccountName=devstoreaccount1;AccountKey="
	    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K"
	    "1SZFPTOtr/KBHBeksoGMGw==;",
	    "struct nfp_prog BR_UNC BR_OFF_RELO 0 RELO_BR_GO_OUT;",
	    "(vcr_refedsDDLLehTtsiltseuqergnidnep)",
	    /* a part of a value, but for its case */
	    "vq7xlm29tzrb4kp",
	    "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZI",
	    "grep -r 'BEGIN RSA PRIVATE KEY' .",
	    "sk_live_YOUR_KEY_HERE",
	    "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12",
	    "Ann Bell",
	    "/usr/bin:/bin",
	    "const key = process.env.STRIPE_KEY",
	    "Content-Type: application/vnd.github+json",
	    "nfp_trats(tnuoc_egap_ni_pu_dednuor_segap_fo_rebmun)",
	    "unsigned long nfp_to_page, PAGE_SHIFT_OF_ANY_zone_start_of_it;",
	    "cioincorrectofilademensagenssectore",
	    "Incio do ficheiro: cioafuncionalidadesdovirtualizador1",
	    "U ada a-ciorma.ads  77cd7ca3 BN NE OL PR RT PK GE\nW ada%s",
	    "nfp_rebmun_egap_fo_eht_tsrif_egap_ni_eht_egnar",
	};
	struct secret_found v[8];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		if (scan(texts[i], v))
			print_message("%s\n", texts[i]);
		assert_int_equal(scan(texts[i], v), 0);
	}
}

static int
scan_files(int argc, char **argv)
{
	struct secret_found v[8];
	size_t files = 0, bytes = 0, found = 0;
	struct timespec a, b;
	double seconds = 0;

	for (int i = 1; i < argc; i++) {
		void *ctx = talloc_new(NULL);
		char *text;
		size_t len, n;

		/* each as if it were sent alone: in all readings */
		talloc_free(s);
		if (secrets_begin(NULL, &in, &rules, NULL, &s, NULL) < 0)
			return 1;
		if (file_read(ctx, AT_FDCWD, argv[i], 1u << 30, &text, &len,
			      NULL) == 0) {
			clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
			n = secrets_scan(s, text, len, argv[i], v, 8);
			clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
			seconds += (double)(b.tv_sec - a.tv_sec) +
				   (double)(b.tv_nsec - a.tv_nsec) / 1e9;
			files++;
			bytes += len;
			found += n > 0;
			for (size_t k = 0; k < n; k++)
				printf("%s: %s\n", argv[i], v[k].what);
		}
		talloc_free(ctx);
	}
	printf("%zu of %zu files, %zu bytes, %.0f MB/s\n", found, files, bytes,
	       (double)bytes / 1e6 / seconds);
	return 0;
}

/* As for each command. */
static int
begin(void **state)
{
	(void)state;
	return secrets_begin(NULL, &in, &rules, NULL, &s, NULL);
}

static int
end(void **state)
{
	(void)state;
	return talloc_free(s);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    TEST(finds_generated_tokens),
	    TEST(checks_what_has_a_checksum),
	    TEST(finds_known_values_in_any_reading),
	    TEST(unpacks),
	    TEST(knows_whose_it_is),
	    TEST(leaves_others_alone),
	};
	struct err e = {0};

	invocation_set_home(getuid(), "/nonexistent");
	in.uid = getuid();
	if (secrets_load("profiles/secrets", &e) < 0) {
		printf("1..0 # %s\n", e.msg);
		return 1;
	}
	if (argc > 1)
		return begin(NULL) || scan_files(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
