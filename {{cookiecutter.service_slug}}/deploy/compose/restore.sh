#!/bin/sh
# Put a dump in the place of the database, which is kept under another name.
set -eu

file="${1:?name the dump, such as /backups/2027-01-31.dump}"
PGPASSWORD="$(cat "$PGPASSWORD_FILE")"
export PGPASSWORD
now="$(date --utc +%Y%m%d%H%M%S)"
restored="${PGDATABASE}_restored_$now"
before="${PGDATABASE}_before_$now"

# Until all of it is there, the database stays as it is.
trap 'dropdb --if-exists "$restored"' EXIT
trap 'exit 1' HUP INT TERM
createdb --template=template0 "$restored"
pg_restore --exit-on-error --dbname="$restored" "$file"

psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --output=/dev/null --dbname=postgres <<SQL
begin;
select pg_terminate_backend(pid) from pg_stat_activity where datname = '$PGDATABASE';
alter database "$PGDATABASE" rename to "$before";
alter database "$restored" rename to "$PGDATABASE";
commit;
SQL
trap - EXIT
echo "restored $file; what was there is in $before, until: dropdb $before"
