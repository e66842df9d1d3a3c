#!/bin/sh
# Dump the database into BACKUP_FOLDER: once with `now`, each night with `nightly`.
set -eu

PGPASSWORD="$(cat "$PGPASSWORD_FILE")"
export PGPASSWORD

trap 'rm -f "$BACKUP_FOLDER/.partial-$$"' EXIT
trap 'exit 1' HUP INT TERM

# Only what was written and can be read to its end gets the name of a dump.
dump() {
  partial="$BACKUP_FOLDER/.partial-$$"
  if pg_dump --format=custom --file="$partial" \
    && pg_restore --file=/dev/null "$partial" \
    && sync "$partial" \
    && mv "$partial" "$BACKUP_FOLDER/$1.dump"; then
    echo "dumped $PGDATABASE to $1.dump"
    find "$BACKUP_FOLDER" -name "*.dump" -mtime "+$BACKUP_DAYS" -delete
  else
    rm -f "$partial"
    echo "$PGDATABASE was not dumped; the dumps that are there stay" >&2
    return 1
  fi
}

case "${1:-}" in
  now)
    dump "$(date --utc +%FT%H%M%S)"
    ;;
  nightly)
    # Of a container that was killed.
    rm -f "$BACKUP_FOLDER"/.partial-*
    while :; do
      # A day begins at BACKUP_HOUR: what a night missed is made up for at once.
      day="$(date --utc --date="-$BACKUP_HOUR hours" +%F)"
      [ -e "$BACKUP_FOLDER/$day.dump" ] || dump "$day" || true
      sleep 60
    done
    ;;
  *)
    echo "usage: backup.sh now|nightly" >&2
    exit 2
    ;;
esac
