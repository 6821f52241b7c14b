#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Statements and scripts of statements.txt, each on a scratch copy of a
database: what automode says that they do, and what the server shows.

    truth.py BUILD [PATTERN]	(by run.sh, which starts the server)

Three things are compared.  What automode says is what the line says.  What has
changed (rows of every table, sequences, large objects, catalogues, roles,
databases, settings, files of the server) is among what it says.  And what it
says has happened, unless the line says that it need not ("?").  Prints TAP.
"""
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD, PATTERN = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""
PSQL = os.path.join(os.environ["postgres_programs"], "psql")
AUTOMODE = os.path.join(BUILD, "bin/automode")
MARK = "zq7"  # in rows of every table: what is printed came out of one
KEYS = 3      # a change bounded by keys loses no more rows than that
# big ones: only what does not come with the server
OWN = {"pg_class": "oid", "pg_attribute": "attrelid", "pg_type": "oid",
       "pg_proc": "oid", "pg_operator": "oid", "pg_description": "objoid",
       "pg_amop": "oid", "pg_amproc": "oid", "pg_opclass": "oid",
       "pg_opfamily": "oid", "pg_cast": "oid", "pg_collation": "oid",
       "pg_conversion": "oid", "pg_aggregate": "aggfnoid::oid",
       "pg_init_privs": "objoid", "pg_rewrite": "oid", "pg_index": "indexrelid",
       "pg_ts_config_map": "mapcfg", "pg_ts_template": "oid",
       "pg_ts_dict": "oid", "pg_ts_parser": "oid", "pg_ts_config": "oid",
       "pg_am": "oid", "pg_language": "oid", "pg_extension": "oid"}
LEFT_OUT = ("pg_largeobject_metadata", "pg_statistic", "pg_statistic_ext_data", "pg_depend",
            "pg_shdepend", "pg_largeobject", "pg_replication_origin")
# kept by the server for itself, or told by lines of their own
COLUMNS = ("relfilenode relpages reltuples relallvisible relfrozenxid "
           "relminmxid relhasindex relhasrules relhastriggers relhassubclass "
           "relchecks relnatts relacl attacl proacl typacl nspacl datacl "
           "datfrozenxid datminmxid indcheckxmin indisclustered relrewrite "
           "rolpassword attstattarget reltoastrelid").split()

TABLES_QUERY = """select format('%s %I.%I', relkind, nspname, relname)
    from pg_class c join pg_namespace n on n.oid = relnamespace
    where relkind in ('r', 'm', 'S') and relpersistence <> 't'
    and nspname not in ('pg_catalog', 'information_schema', 'pg_toast')"""


def query(text, db="scratch", user="postgres"):
    r = subprocess.run([PSQL, "-XAtq", "-v", "ON_ERROR_STOP=1",
                        "-h", "127.0.0.1", "-U", user, "-d", db],
                       input=text, capture_output=True, text=True)
    if r.returncode:
        raise SystemExit("psql: " + r.stderr)
    return r.stdout.splitlines()


def catalogue_query():
    parts = []
    for name in query("select relname from pg_class where relkind = 'r' and "
                      "relnamespace = 'pg_catalog'::regnamespace"):
        if name in LEFT_OUT:
            continue
        row = "to_jsonb(c) - '{%s}'::text[]" % ",".join(
            # roles are known by their names
            COLUMNS + ["oid"] * (name == "pg_authid"))
        where = "true"
        if name in OWN:
            where = OWN[name] + " >= 16384"
        if name == "pg_database":
            where = "datname <> 'scratch'"
        if name == "pg_namespace":
            where = "nspname !~ '^pg_(toast_)?temp_'"
        for table, key in (("pg_class", "oid"), ("pg_index", "indexrelid"),
                           ("pg_attribute", "attrelid")):
            if name == table:  # made anew with what they belong to
                where += (" and %s not in (select oid from pg_class where "
                          "relnamespace = 'pg_toast'::regnamespace)" % key)
        if name == "pg_class":
            where += " and relpersistence <> 't'"
        parts.append("select '%s ' || md5((%s)::text) || ' ' || (%s)::text "
                     "from %s c where %s" % (name, row, row, name, where))
    for name, acl, kind, to in (
            ("pg_class", "relacl", "'r'", "oid"),
            ("pg_proc", "proacl", "'f'", "oid"),
            ("pg_namespace", "nspacl", "'n'", "oid"),
            ("pg_type", "typacl", "'T'", "oid"),
            ("pg_database", "datacl", "'d'", "oid")):
        owner = {"pg_class": "relowner", "pg_proc": "proowner",
                 "pg_namespace": "nspowner", "pg_type": "typowner",
                 "pg_database": "datdba"}[name]
        parts.append(
            "select 'acl %s ' || %s || a::text from %s c, aclexplode(coalesce("
            "%s, acldefault(%s, %s))) a where oid >= 2200%s" % (
                name, to, name, acl, kind, owner,
                " and datname <> 'scratch'" if name == "pg_database" else
                " and nspname !~ '^pg_'" if name == "pg_namespace" else
                " and relnamespace <> 'pg_toast'::regnamespace"
                if name == "pg_class" else ""))
    return " union all ".join(parts)


def state():
    """Lines by kind: rows, sequences, catalogue, shared, files."""
    text = """
        select 'table ' || c from (%s) t(c);
        select case split_part(c, ' ', 1) when 'S' then format(
            'select ''sequence %%1$s '' || last_value || is_called from %%1$s',
            substr(c, 3)) else format(
            'select ''rows %%1$s '' || t::text from %%1$s t', substr(c, 3)) end
        from (%s) t(c) \\gexec
        select 'catalogue ' || c from (%s) as x(c);
        select 'rows lo ' || oid || ' ' || md5(lo_get(oid))
        from pg_largeobject_metadata;
        select 'settings ' || regexp_split_to_table(
            pg_read_file('postgresql.auto.conf'), E'\\n');
        """ % (TABLES_QUERY, TABLES_QUERY, CATALOGUE)
    tables = set()
    out = {"rows": [], "sequence": [], "catalogue": [], "shared": [],
           "settings": [], "files": []}
    for line in query(text):
        kind, _, rest = line.partition(" ")
        if kind == "table":
            tables.add(rest.split(" ", 1)[1])
        if kind not in out:
            continue
        if re.match(r"(acl )?pg_(authid|auth_members|database|db_role_setting|"
                    r"tablespace|parameter_acl|shdescription) ", rest):
            kind = "shared"
        out[kind].append(rest)
    out["files"] = sorted(os.listdir(FILES))
    return out, tables


def less(a, b):
    """What of a is not in b, each as often as it is."""
    left = {}
    for x in b:
        left[x] = left.get(x, 0) + 1
    out = []
    for x in a:
        if left.get(x, 0):
            left[x] -= 1
        else:
            out.append(x)
    return out


def anew():
    query("drop database if exists scratch with (force);\n"
          "create database scratch template app_dev;", "postgres")


def shared_back():
    """Roles, databases, settings as they were."""
    r = query("select format('drop database %I', datname) from pg_database "
              "where datname not in ('postgres', 'app_dev', 'app_prod', "
              "'template0', 'template1', 'scratch');"
              "select format('drop database if exists scratch');"
              "select format('drop role %I', rolname) from pg_roles where "
              "rolname not in ('postgres', 'dev', 'app', 'holder', 'spare') and rolname not like "
              "'pg\\_%';"
              "select format('alter role %I reset all', rolname) from pg_roles "
              "where rolconfig is not null;"
              "select 'alter system reset all'", "postgres")
    query(";\n".join(sorted(r)) + ";\nalter role app connection limit -1; "
          "comment on role app is null; revoke app from holder; "
          "alter database app_dev owner to dev; "
          "alter database postgres reset all; "
          "select 'create role spare' where not exists (select from pg_roles "
          "where rolname = 'spare') \\gexec", "postgres")


def says(script):
    """What automode says; a call of it, so that the server works meanwhile."""
    p = subprocess.Popen([AUTOMODE, "check", "--json", "--", "psql", "-X", "-f",
                          script], stdout=subprocess.PIPE, env=ENV,
                         stdin=subprocess.DEVNULL, text=True)
    return lambda: effects_in(p.communicate()[0])


def effects_in(answer):
    try:
        v = json.loads(answer)
    except ValueError:
        return {"?": answer}
    return {e["effect"]: e for e in v["effects"]
            if e["effect"][:3] == "db." or e["effect"] == "exec.unknown"}


def wanted(words):
    need, may = set(), set()
    for w in words.split():
        if w != "nothing":
            (may if w.endswith("?") else need).add(w.rstrip("?"))
    return need, may


def compare(effects, need, may, shown):
    """Why they differ."""
    got = set(effects)
    complaints = []
    if got != need | may:
        complaints.append("said: " + (" ".join(sorted(got)) or "nothing"))
    changed = any(shown[k] for k in shown if k != "printed")
    lost = shown["rows lost"]
    destroy, schema = "db.destroy" in got, "db.schema" in got
    if lost and not destroy and not (
            "db.write" in got and len(lost) <= KEYS) and not schema:
        complaints.append("rows were lost")
    if shown["catalogue lost"] and not destroy and not schema:
        complaints.append("definitions were lost")
    for e in ("db.destroy", "db.schema"):
        if (shown["catalogue lost"] or len(lost) > KEYS) and e in got and \
           not shown["shared"] and effects[e]["reversible"] == "no" and \
           len(got & {"db.destroy", "db.schema"}) == 1:
            complaints.append(e + " is not undone")
    if shown["catalogue more"] and not destroy and not schema:
        complaints.append("definitions were added")
    if (shown["rows more"] or shown["sequence"]) and not got & {
            "db.write", "db.destroy", "db.schema"}:
        complaints.append("something was written")
    if shown["shared"] and not got & {"db.write", "db.destroy", "db.schema"}:
        complaints.append("roles or databases changed")
    if (shown["files"] or shown["settings"]) and "exec.unknown" not in got:
        complaints.append("files of the server changed")
    if shown["printed"] and "db.read" not in got and "db.destroy" not in got:
        complaints.append("rows were printed")
    # and the other way
    if "db.destroy" in need and not (lost or shown["catalogue lost"] or
                                     shown["shared"]):
        complaints.append("nothing was destroyed")
    if "db.schema" in need and not (shown["catalogue lost"] or
                                    shown["catalogue more"] or
                                    shown["shared"]):
        complaints.append("no definition changed")
    if "db.write" in need and not changed:
        complaints.append("nothing was written")
    if "db.read" in need and not (shown["printed"] or shown["rows more"]):
        complaints.append("no row was read")
    if "exec.unknown" in need and not (shown["files"] or shown["settings"]):
        complaints.append("nothing of the server changed")
    return complaints


def one(text, words):
    global DIRTY
    if DIRTY:
        anew()
    script = os.path.join(ENV["HOME"], "s.sql")
    with open(script, "w") as f:
        f.write(text + "\n")
    effects = says(script)
    r = subprocess.run([PSQL, "-X", "-f", script],
                       capture_output=True, text=True, env=ENV,
                       stdin=subprocess.DEVNULL, timeout=60)
    after, tables = state()
    shown = {
        "rows lost": less(BEFORE["rows"], after["rows"]),
        "rows more": [x for x in less(after["rows"], BEFORE["rows"])
                      if x.split(" ", 1)[0] in TABLES or x[:3] == "lo "],
        "sequence": less(BEFORE["sequence"], after["sequence"]),
        "catalogue lost": less(BEFORE["catalogue"], after["catalogue"]),
        "catalogue more": less(after["catalogue"], BEFORE["catalogue"]) or
        sorted(tables - TABLES),
        "shared": less(BEFORE["shared"], after["shared"]) +
        less(after["shared"], BEFORE["shared"]),
        "settings": less(BEFORE["settings"], after["settings"]) +
        less(after["settings"], BEFORE["settings"]),
        "files": less(after["files"], BEFORE["files"]),
        "printed": [x for x in r.stdout.splitlines() if MARK in x.lower()][:2]}
    DIRTY = any(v for k, v in shown.items() if k != "printed")
    for f in shown["files"]:
        os.unlink(os.path.join(FILES, f))
    if shown["shared"] or shown["settings"]:
        shared_back()
    need, may = wanted(words)
    complaints = compare(effects(), need, may, shown)
    if complaints:
        complaints += ["%s: %s" % (k, str(v[:2])[:300])
                       for k, v in shown.items() if v]
        complaints += r.stderr.splitlines()[:3]
    return complaints


ENV = dict(os.environ, PGDATABASE="scratch")
FILES = os.path.join(os.environ["postgres_dir"], "files")
os.mkdir(FILES)
os.chmod(FILES, 0o777)
query(open(os.path.join(HERE, "base.sql")).read().replace("@FILES@", FILES),
      "app_dev", "dev")
anew()
CATALOGUE = catalogue_query()
BEFORE, TABLES = state()
DIRTY = False
n = bad = 0
for line in open(os.path.join(HERE, "statements.txt")):
    line = line.rstrip("\n")
    if not line or line[0] == "#" or not re.search(PATTERN, line):
        continue
    text, _, words = line.rpartition(" -> ")
    n += 1
    complaints = one(text.replace(" \\n ", "\n").replace("\\t", "\t").replace("@FILES@", FILES),
                     words)
    print("%sok %d - %s" % ("not " if complaints else "", n,
                            text.replace("#", "\\#")))
    for c in complaints:
        print("# " + c)
    sys.stdout.flush()
    bad += bool(complaints)
print("1..%d" % n)
sys.exit(bad != 0)
