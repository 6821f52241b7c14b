#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Migrations against the wrong database: programs under the names of alembic,
# prisma and others that really connect, by what they find, and drop a table.

load world
. "$BATS_TEST_DIRNAME/../services/postgres.bash"
. "$BATS_TEST_DIRNAME/../services/ssh.bash"

setup() {
	postgres_bin >/dev/null || skip "no PostgreSQL server"
	make_world
	chmod 755 "$world"
	postgres_start "$world/pg"
	mkdir -p "$HOME/tools" "$HOME/project/prisma"
	cd "$HOME/project" || return 1
	psql_real=$(postgres_bin)/psql
	# the variable, .env, the tool's own files, or libpq's variables
	cat >"$HOME/tools/alembic" <<-END
		#!/bin/sh
		url=\$DATABASE_URL
		for f in .env prisma/.env alembic.ini; do
			[ -n "\$url" ] || [ ! -e "\$f" ] ||
				url=\$(sed -n 's/^\(export \)*\(DATABASE_URL\|sqlalchemy.url\) *= *//p' "\$f" | tr -d '"')
		done
		echo "migrating \$url"
		exec $psql_real -Xq -d "\$url" -c 'drop table orders cascade; create table migrated (i int)'
	END
	chmod +x "$HOME/tools/alembic"
	for t in prisma knex dbmate goose sqlx flyway liquibase rails rake; do
		cp "$HOME/tools/alembic" "$HOME/tools/$t"
	done
	PATH=$HOME/tools:$PATH
	as_agent
	hash -r
	dev=postgresql://dev@127.0.0.1:$PGPORT/app_dev
	# a name of production that leads here
	prod="postgresql://dev:hush@db.prod.example:$PGPORT/app?hostaddr=127.0.0.1&dbname=app_prod"
	before=$(postgres_state app_prod)
	port=$PGPORT
	unset PGHOST PGPORT PGUSER PGDATABASE
}

teardown() {
	postgres_stop
	ssh_stop 2>/dev/null || true
	end_world
}

denied() { # HOST COMMAND...: is not run, for that host
	local host=$1
	shift
	run "$@" </dev/null
	echo "$* -> $status $output"
	[ "$status" != 0 ]
	[[ $output == *"automode: denied:"*"$host"* ]]
	[[ $output != *migrating* ]]
	[[ $output != *hush* ]]
	[ "$(postgres_state app_prod)" = "$before" ]
}

make_driven() {
	printf 'db:\n\t@%s\n' "$1" >Makefile
}

@test "the stand-ins do what they should not" {
	DATABASE_URL=$prod PATH=$HOME/tools:$plain_path alembic upgrade head
	[ "$(postgres_state app_prod)" != "$before" ]
}

@test "a production address in .env" {
	printf 'DATABASE_URL="%s"\n' "$prod" >.env
	denied db.prod.example alembic upgrade head
	denied db.prod.example prisma migrate deploy
	denied db.prod.example prisma migrate reset --force
	denied db.prod.example prisma db push --accept-data-loss
	denied db.prod.example knex migrate:latest
	denied db.prod.example rails db:migrate
	make_driven 'alembic upgrade head'
	denied db.prod.example make db
	make_driven 'sh -c "prisma migrate deploy"'
	denied db.prod.example make db
	make_driven 'set -a; . ./.env; dbmate up'
	denied db.prod.example make db
	make_driven ". ./.env; psql \"\$\$DATABASE_URL\" -c 'drop table orders'"
	denied db.prod.example make db
	rm .env
	printf 'DATABASE_URL=%s\n' "$prod" >prisma/.env
	denied db.prod.example prisma migrate deploy
	rm prisma/.env
	printf '[alembic]\nsqlalchemy.url = %s\n' "$prod" >alembic.ini
	denied db.prod.example alembic upgrade head
}

@test "in PGHOST, in the variable, on the line" {
	export DATABASE_URL=$prod
	denied db.prod.example alembic upgrade head
	denied db.prod.example prisma migrate deploy
	make_driven 'rails db:migrate'
	denied db.prod.example make db
	unset DATABASE_URL
	export PGHOST=db.prod.example PGHOSTADDR=127.0.0.1 PGPORT=$port \
		PGUSER=dev PGDATABASE=app_prod
	denied db.prod.example alembic upgrade head
	make_driven 'alembic upgrade head'
	denied db.prod.example make db
	make_driven "psql -c 'drop table orders'"
	denied db.prod.example make db
	unset PGHOST PGHOSTADDR
	export PGHOST=127.0.0.1
	denied app_prod alembic upgrade head
	unset PGHOST PGPORT PGUSER PGDATABASE
	denied db.prod.example goose postgres "$prod" up
	denied db.prod.example dbmate -u "$prod" up
	denied db.prod.example flyway "-url=jdbc:$prod" migrate
}

@test "in a service file" {
	printf '[live]\nhost=db.prod.example\nhostaddr=127.0.0.1\nport=%s\nuser=dev\ndbname=app_prod\n' \
		"$port" >"$HOME/.pg_service.conf"
	export PGSERVICE=live
	denied db.prod.example alembic upgrade head
	unset PGSERVICE
	make_driven 'PGSERVICE=live prisma migrate deploy'
	denied db.prod.example make db
	make_driven "psql service=live -c 'drop table orders'"
	denied db.prod.example make db
	printf 'DATABASE_URL=postgresql:///?service=live\n' >.env
	denied db.prod.example prisma migrate deploy
	cp "$HOME/.pg_service.conf" services
	rm "$HOME/.pg_service.conf"
	rm .env
	export PGSERVICEFILE=$PWD/services PGSERVICE=live
	denied db.prod.example alembic upgrade head
}

@test "behind an ssh tunnel" {
	[ -x /usr/sbin/sshd ] || skip "no sshd"
	ssh_start "$world/sshd"
	PATH=$plain_path ssh_person "$HOME"
	local tunnel
	tunnel=$(free_port)
	/usr/bin/ssh -F /dev/null -i "$world/sshd/key" -p "$ssh_port" \
		-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
		-o LogLevel=ERROR -o HostName=127.0.0.1 -N \
		-L "$tunnel:127.0.0.1:$port" "$ssh_user@db.prod.example" 3>&- &
	for _ in $(seq 600); do
		(exec 3<>"/dev/tcp/127.0.0.1/$tunnel") 2>/dev/null && break
		sleep 0.1
	done
	url=postgresql://dev@127.0.0.1:$tunnel/app
	printf 'DATABASE_URL=%s\n' "$url" >.env
	denied db.prod.example alembic upgrade head
	make_driven 'prisma migrate deploy'
	denied db.prod.example make db
	rm .env
	export PGHOST=localhost PGPORT=$tunnel
	denied db.prod.example alembic upgrade head
	unset PGHOST PGPORT
	denied db.prod.example psql -h 127.0.0.1 -p "$tunnel" -U dev app_dev \
		-c 'drop table orders'
	kill %1
}

@test "a database that is only read is not migrated, whatever else is allowed" {
	mkdir -p "$HOME/.config/automode"
	cat >"$HOME/.config/automode/policy" <<-'END'
		[database "main"]
			host = 127.0.0.1
			access = read-only
		[effect "db.read"]
			production = allow
			secret = allow
	END
	"$automode" gateway --stop
	before_dev=$(postgres_state)
	export DATABASE_URL=$dev
	denied 127.0.0.1 alembic upgrade head
	unset DATABASE_URL
	export PGHOST=127.0.0.1 PGPORT=$port
	denied 127.0.0.1 alembic upgrade head
	[ "$(postgres_state)" = "$before_dev" ]
}

@test "a development database is migrated, and comes back" {
	before_dev=$(postgres_state)
	printf 'DATABASE_URL=%s\n' "$dev" >.env
	make_driven 'alembic upgrade head'
	run make db
	echo "$output"
	[ "$status" = 0 ]
	[ "$(postgres_state)" != "$before_dev" ]
	"$automode" undo
	[ "$(postgres_state)" = "$before_dev" ]
}

# Programs that no shim's name is in front of: a script that its interpreter
# runs, a runner that starts one of its own folder.
own_programs() {
	mkdir -p node_modules/.bin node_modules/knex/bin venv shop bin
	cat >manage.py <<-END
		#!/usr/bin/env python3
		import os, sys
		os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')
		os.execv('$HOME/tools/alembic', ['alembic'] + sys.argv[1:])
	END
	cat >node_modules/.bin/prisma <<-END
		#!/usr/bin/env node
		const r = require('child_process').spawnSync('$HOME/tools/alembic',
			[], { stdio: 'inherit' });
		process.exit(r.status);
	END
	cp node_modules/.bin/prisma node_modules/knex/bin/cli.js
	cat >"$HOME/tools/poetry" <<-END
		#!/bin/sh
		[ "\$1" = run ] || { echo "poetry \$*"; exit; }
		exec "$HOME/tools/alembic"
	END
	cp "$HOME/tools/poetry" "$HOME/tools/uv"
	cp "$HOME/tools/alembic" "$HOME/tools/django-admin"
	chmod +x manage.py node_modules/.bin/prisma "$HOME/tools/"{poetry,uv}
	printf 'import sys; sys.argv\n' >alembic.py
	as_agent
	hash -r
}

@test "by its path, by its interpreter, by a runner" {
	own_programs
	printf 'DATABASE_URL="%s"\n' "$prod" >.env
	denied db.prod.example python3 manage.py migrate
	denied db.prod.example ./manage.py migrate --noinput
	denied db.prod.example python3 -Wd manage.py flush
	denied db.prod.example python3 -m alembic upgrade head
	denied db.prod.example django-admin migrate
	denied db.prod.example poetry run alembic upgrade head
	denied db.prod.example poetry run python manage.py migrate
	denied db.prod.example uv run --frozen alembic upgrade head
	make_driven './manage.py migrate'
	denied db.prod.example make db
	if command -v node; then
		denied db.prod.example ./node_modules/.bin/prisma migrate deploy
		denied db.prod.example node node_modules/knex/bin/cli.js migrate:latest
		make_driven './node_modules/.bin/prisma db push'
		denied db.prod.example make db
	fi
	run ./manage.py makemigrations --check
	[[ $output == *migrating* ]]
	run poetry add alembic
	[ "$output" = "poetry add alembic" ]
	run python3 -c 'print(1)'
	[ "$output" = 1 ]
}

@test "npx finds the project's own program" {
	command -v npx >/dev/null || skip "no npx"
	own_programs
	printf '{"name": "p", "version": "1.0.0"}\n' >package.json
	printf 'DATABASE_URL="%s"\n' "$prod" >.env
	denied db.prod.example npx --no-install prisma migrate deploy
	printf '{"name": "p", "version": "1.0.0", "scripts": {"db": "prisma migrate deploy"}}\n' \
		>package.json
	denied db.prod.example npm run db
}

@test "hosts that settings name" {
	own_programs
	printf 'DATABASES = {"default": {\n "ENGINE": "django.db.backends.postgresql",\n "NAME": "app",\n "HOST": %s,\n "PORT": "5432"}}\n' \
		'"db.prod.example"' >shop/settings.py
	denied db.prod.example ./manage.py migrate
	sed -i 's/"db.prod.example"/os.environ.get("DB_HOST", "localhost")/' \
		shop/settings.py
	export DB_HOST=db.prod.example
	denied db.prod.example ./manage.py migrate
	denied db.prod.example rails db:migrate
	unset DB_HOST
	printf 'DB_HOST=db.prod.example\nDB_NAME=app\n' >.env
	denied db.prod.example ./manage.py migrate
	denied db.prod.example knex migrate:latest
	rm .env
	mkdir config
	printf 'default: &default\n  adapter: postgresql\ndevelopment:\n  <<: *default\n  database: app\n  host: db.prod.example\n' \
		>config/database.yml
	denied db.prod.example rails db:migrate
	printf 'module.exports = { client: "pg", connection: {\n  host: process.env.NOSUCH_HOST || "db.prod.example",\n} };\n' >knexfile.js
	denied db.prod.example knex migrate:latest
	# one of this machine, with its user and password: kept, and put back
	before_dev=$(postgres_state)
	printf 'DATABASES = {"default": {\n "ENGINE": "django.db.backends.postgresql",\n "NAME": "app_dev",\n "USER": "dev",\n "HOST": "127.0.0.1",\n "PORT": "%s"}}\n' \
		"$port" >shop/settings.py
	printf '#!/usr/bin/env python3\nimport os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\nos.environ["DATABASE_URL"] = "%s"\nos.execv("%s", ["alembic"])\n' \
		"$dev" "$HOME/tools/alembic" >manage.py
	run ./manage.py migrate
	echo "$output"
	[ "$(postgres_state)" != "$before_dev" ]
	"$automode" undo
	[ "$(postgres_state)" = "$before_dev" ]
}

says() { # VERDICT[ REVERSIBLE] COMMAND...: asked, not run
	local want=$1 got
	shift
	got=$("$automode" check --json -- "$@" </dev/null | sed \
		's/.*"verdict":"\([a-z]*\)".*"reversible":"\([a-z]*\)".*/\1 \2/')
	[[ $got == "$want"* ]] || {
		echo "$* -> $got, not $want"
		return 1
	}
}

@test "as each program reads its own files, for the stage that is chosen" {
	mkdir -p config storage migrations app alembic
	for t in bundle php mix diesel sequelize typeorm drizzle-kit; do
		cp "$HOME/tools/alembic" "$HOME/tools/$t"
	done
	printf '%s\n' 'default: &default' '  adapter: postgresql' \
		"  port: $port" '  user: dev' 'development:' '  <<: *default' \
		'  database: app_dev' '  host: 127.0.0.1' 'production:' \
		'  <<: *default' '  database: app_production' >config/database.yml
	says 'allow snapshot' rails db:migrate
	says 'allow snapshot' bundle exec rake db:migrate
	says deny rails db:migrate RAILS_ENV=production
	says deny bundle exec rails db:drop -e production
	RAILS_ENV=production says deny rake db:migrate
	says allow rails server
	printf '[alembic]\nscript_location = migrations\nsqlalchemy.url = %s\n[live]\nsqlalchemy.url = %s\n' \
		"$dev" "$prod" >alembic.ini
	says 'allow snapshot' alembic upgrade head
	says deny alembic -n live upgrade head
	printf '[alembic]\nsqlalchemy.url = %s\n' "$prod" >other.ini
	says deny alembic -c other.ini upgrade head
	ALEMBIC_CONFIG=other.ini says deny alembic upgrade head
	# in parts, by what the code imports
	printf '[alembic]\nscript_location = migrations\nsqlalchemy.url = driver://user:pass@localhost/dbname\n' >alembic.ini
	echo 'from app.config import settings' >migrations/env.py
	printf '%s\n' 'class Settings:' '    POSTGRES_SERVER: str' \
		'    def uri(self):' \
		'        return f"postgresql://{self.POSTGRES_USER}:{self.PASS}@{self.POSTGRES_SERVER}:{self.POSTGRES_PORT}/{self.POSTGRES_DB}"' >app/config.py
	says ask alembic upgrade head
	printf 'POSTGRES_SERVER=127.0.0.1\nPOSTGRES_PORT=%s\nPOSTGRES_DB=app_dev\nPOSTGRES_USER=dev\n' \
		"$port" >.env
	says 'allow snapshot' alembic upgrade head
	sed -i 's/127.0.0.1/db.prod.example/' .env
	says deny alembic upgrade head
	rm .env alembic.ini
	printf 'module.exports = {\n  development: { client: "pg", connection: { host: "127.0.0.1", port: %s, user: "dev", database: "app_dev" } },\n  production: {\n    client: "pg",\n    connection: { host: "127.0.0.1", database: "app_prod" },\n  },\n};\n' \
		"$port" >knexfile.js
	says 'allow snapshot' knex migrate:latest
	says deny knex migrate:latest --env production
	NODE_ENV=production says deny knex migrate:latest
	sed 's/app_dev/app_prod/' knexfile.js >other.js
	says deny knex --knexfile other.js migrate:latest
	printf '[environments.development]\nurl = "jdbc:postgresql://127.0.0.1:%s/app_dev"\nuser = "dev"\n[environments.production]\nurl = "jdbc:postgresql://db.prod.example/app"\n' \
		"$port" >flyway.toml
	says 'allow snapshot' flyway -environment=development migrate
	says deny flyway -environment=production migrate
	says deny goose postgres 'host=db.prod.example dbname=app' up
	says 'allow snapshot' goose postgres \
		"host=127.0.0.1 port=$port user=dev dbname=app_dev" down
	printf 'DATABASE_URL=%s\nPROD_DATABASE_URL=%s\n' "$dev" "$prod" >.env
	says 'allow snapshot' dbmate up
	says 'allow snapshot' sqlx migrate run
	says deny dbmate -e PROD_DATABASE_URL up
	/bin/rm .env
	printf 'import Config\nconfig :app, App.Repo, hostname: "db.prod.example", database: "app"\n' \
		>config/prod.exs
	says allow mix ecto.migrate
	MIX_ENV=prod says deny mix ecto.migrate
	says allow mix test
}

@test "an SQLite file that is migrated comes back" {
	mkdir -p shop instance
	sqlite3 instance/dev.sqlite3 'create table a (i); insert into a values (1)'
	printf 'import os\nBASE_DIR = "."\nDATABASES = {\n  "default": {\n    "ENGINE": "django.db.backends.sqlite3",\n    "NAME": BASE_DIR + "instance/dev.sqlite3",\n  }\n}\nAUTH = [{"NAME": "a.b"}]\n' \
		>shop/settings.py
	printf 'import os, sqlite3\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\nc = sqlite3.connect("instance/dev.sqlite3")\nc.execute("drop table a")\nc.commit()\n' \
		>manage.py
	/usr/bin/git init -q .
	"$automode" gateway --stop
	as_agent
	before=$(md5sum instance/dev.sqlite3)
	python3 manage.py flush --noinput
	[ "$(md5sum instance/dev.sqlite3)" != "$before" ]
	"$automode" undo
	[ "$(md5sum instance/dev.sqlite3)" = "$before" ]
	cp instance/dev.sqlite3 instance/production.sqlite3
	sed -i s/dev.sqlite3/production.sqlite3/ shop/settings.py
	says deny python3 manage.py flush
}
