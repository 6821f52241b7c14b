# SPDX-License-Identifier: Apache-2.0
# A git server over https on loopback: Apache with git-http-backend, a test CA,
# basic auth.  shellcheck shell=bash
#
#	https_start DIR     makes DIR (its own from here on) and starts it
#	https_stop
#
# Sets https_port, https_ca (the CA's certificate), https_root (where bare
# repositories are put), https_user and https_password, https_host (localhost)
# and https_url ("https://localhost:PORT"); http_url is the same without TLS.
# Paths: /git/ needs the password, /open/ does not, /v0/ is /open/ on a server
# that knows no newer protocol, /moved/ answers with a redirect to /open/,
# /away/ with one to another host; /dumb/ serves files only.

https_make_ca() { # in the current folder
	cat >openssl.conf <<-X
		[req]
		distinguished_name = name
		prompt = no
		[name]
		CN = automode test
		[ca]
		basicConstraints = critical, CA:TRUE
		keyUsage = critical, keyCertSign
		[server]
		basicConstraints = CA:FALSE
		subjectAltName = DNS:localhost, IP:127.0.0.1, IP:::1
	X
	/usr/bin/openssl req -config openssl.conf -x509 -newkey ec -pkeyopt \
		ec_paramgen_curve:P-256 -nodes -days 3 -extensions ca \
		-keyout ca.key -out ca.pem 2>/dev/null &&
		/usr/bin/openssl req -config openssl.conf -newkey ec -pkeyopt \
			ec_paramgen_curve:P-256 -nodes -keyout server.key \
			-out server.csr 2>/dev/null &&
		/usr/bin/openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key \
			-set_serial 2 -days 3 -extfile openssl.conf \
			-extensions server -out server.pem 2>/dev/null
}

https_config() { # DIR
	local m
	cat <<-X
		ServerRoot $1
		ServerName localhost
		PidFile $1/pid
		ErrorLog $1/error.log
		LogLevel warn
		LogFormat "%r %>s [%{X-Marker}i] [%{Cookie}i]" seen
		CustomLog $1/access.log seen
		DocumentRoot $1/htdocs
		DefaultRuntimeDir $1
		Mutex file:$1
		Listen 127.0.0.1:$https_port
		Listen 127.0.0.1:$((https_port + 1))
		StartServers 2
		MinSpareServers 1
		Timeout 120
		KeepAlive On
		LimitRequestBody 0
	X
	for m in mpm_prefork authz_core authz_user authn_core authn_file \
		auth_basic alias env setenvif cgi ssl rewrite headers unixd dir mime; do
		[ -e "/usr/lib/apache2/modules/mod_$m.so" ] &&
			echo "LoadModule ${m}_module /usr/lib/apache2/modules/mod_$m.so"
	done
	cat <<-X
		TypesConfig /dev/null
		SetEnv GIT_PROJECT_ROOT $1/repositories
		SetEnv GIT_HTTP_EXPORT_ALL 1
		SetEnv GIT_CONFIG_GLOBAL $1/gitconfig
		SetEnvIf Request_URI "^/open/|^/v0/" REMOTE_USER=anyone
		Alias /dumb/ $1/repositories/
		ScriptAlias /git/ /usr/lib/git-core/git-http-backend/
		ScriptAlias /open/ /usr/lib/git-core/git-http-backend/
		ScriptAlias /v0/ /usr/lib/git-core/git-http-backend/
		RewriteEngine On
		RewriteRule ^/moved/(.*) $https_url/open/\$1 [R=302,L]
		RewriteRule ^/away/(.*) https://elsewhere.example/\$1 [R=302,L]
		<LocationMatch "^/v0/">
			RequestHeader unset Git-Protocol
		</LocationMatch>
		<LocationMatch "^/git/">
			AuthType Basic
			AuthName "git"
			AuthUserFile $1/users
			Require valid-user
		</LocationMatch>
		<VirtualHost 127.0.0.1:$https_port>
			RewriteEngine On
			RewriteOptions Inherit
			SSLEngine On
			SSLCertificateFile $1/server.pem
			SSLCertificateKeyFile $1/server.key
		</VirtualHost>
	X
}

# shellcheck disable=SC2034 # for whoever sources this
https_start() { # DIR
	local i
	https_dir=$1 https_root=$1/repositories https_ca=$1/ca.pem
	https_user=ann https_password=${https_password:-s3cret-Pw-4711}
	https_host=localhost
	mkdir -p "$https_root" "$1/htdocs" || return 1
	(cd "$1" && https_make_ca) || return 1
	printf '%s:%s\n' "$https_user" \
		"$(/usr/bin/openssl passwd -apr1 "$https_password")" >"$1/users"
	printf '[safe]\n\tdirectory = *\n[http]\n\treceivepack = true\n' \
		>"$1/gitconfig"
	https_as=()
	if [ "$(id -u)" = 0 ]; then # Apache serves nothing as root
		https_as=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
		chown -R nobody:nogroup "$1"
		chmod 755 "$1"
	fi
	for i in 1 2 3 4 5 6 7 8; do
		https_port=$((20000 + (RANDOM % 10000) * 2))
		https_url=https://$https_host:$https_port
		http_url=http://$https_host:$((https_port + 1))
		https_config "$1" >"$1/httpd.conf"
		"${https_as[@]}" /usr/sbin/apache2 -f "$1/httpd.conf" \
			>>"$1/start.log" 2>&1 && break
	done
	for _ in $(seq 600); do
		[ -s "$1/pid" ] && return 0
		sleep 0.05
	done
	cat "$1/start.log" "$1/error.log" >&2
	return 1
}

# A bare repository on the server, from a repository here or empty.
https_repository() { # NAME [FROM]
	local to=$https_root/$1
	if [ -n "${2-}" ]; then
		/usr/bin/git clone -q --bare "$2" "$to" || return 1
	else
		/usr/bin/git init -q --bare "$to" || return 1
	fi
	/usr/bin/git -C "$to" config uploadpack.allowFilter true
	/usr/bin/git -C "$to" config uploadpack.allowAnySHA1InWant true
	/usr/bin/git -C "$to" update-server-info
	[ "$(id -u)" = 0 ] && chown -R nobody:nogroup "$to"
	return 0
}

# git in a repository of the server, whoever owns it
https_git() { # NAME WORDS...
	local name=$1
	shift
	/usr/bin/git -c safe.directory='*' -C "$https_root/$name" "$@"
}

https_stop() {
	[ -s "${https_dir-}/pid" ] || return 0
	local pid
	pid=$(cat "$https_dir/pid")
	kill "$pid" 2>/dev/null
	for _ in $(seq 600); do
		kill -0 "$pid" 2>/dev/null || return 0
		sleep 0.05
	done
	kill -9 "$pid" 2>/dev/null
}
