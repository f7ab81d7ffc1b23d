# What the lab needs of the official image's entry point: a first start, then the server as its
# own user. Password and names as there: POSTGRES_PASSWORD_FILE, POSTGRES_USER, POSTGRES_DB.
set -eu
become="setpriv --reuid=999 --regid=999 --clear-groups"
if [ "$(id -u)" = 0 ]; then
    mkdir -p "$PGDATA"
    chown -R 999:999 /var/lib/postgresql
    exec $become sh "$0" "$@"
fi
chmod 0700 "$PGDATA"
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    # shellcheck disable=SC2086  several words on purpose
    initdb --pgdata="$PGDATA" --username="$POSTGRES_USER" --pwfile="$POSTGRES_PASSWORD_FILE" \
        ${POSTGRES_INITDB_ARGS:-} --auth-local=trust >/dev/null
    echo "host all all all scram-sha-256" >> "$PGDATA/pg_hba.conf"
    pg_ctl --pgdata="$PGDATA" -w -o "-c listen_addresses='' -k /run/postgresql" start >/dev/null
    createdb --host=/run/postgresql --username="$POSTGRES_USER" "$POSTGRES_DB"
    pg_ctl --pgdata="$PGDATA" -w stop >/dev/null
fi
exec postgres -D "$PGDATA" -c listen_addresses='*' -c unix_socket_directories=/run/postgresql \
    "$@"
