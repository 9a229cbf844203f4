#!/bin/sh
# Writes what differs between environments, and becomes PgBouncer. Secrets come from the environment alone.
set -eu
: "${DATABASE_HOST:?is not set: the host name of PostgreSQL}"
: "${PGUSER:?is not set: the user of the database}"
: "${PGPASSWORD:?is not set: its password}"
folder=/run/pgbouncer
umask 077

printf '[databases]\n* = host=%s port=%s\n' "$DATABASE_HOST" "${DATABASE_PORT:-5432}" > "$folder/databases.ini"
{
    printf 'listen_addr = %s\nlisten_port = %s\n' "${LISTEN_ADDRESS:-127.0.0.1}" "${LISTEN_PORT:-6432}"
    printf 'default_pool_size = %s\n' "${POOL_SIZE:-5}"
    printf 'server_tls_sslmode = %s\n' "${DATABASE_TLS:-verify-full}"
    if [ "${DATABASE_TLS:-verify-full}" = verify-full ]; then
        printf 'server_tls_ca_file = /etc/pgbouncer/rds-ca.pem\n'
    fi
} > "$folder/settings.ini"

# PgBouncer doubles a quotation mark inside a name or a password.
quoted() { printf '%s' "$1" | sed 's/"/""/g'; }
printf '"%s" "%s"\n' "$(quoted "$PGUSER")" "$(quoted "$PGPASSWORD")" > "$folder/users.txt"
unset PGPASSWORD

exec pgbouncer /etc/pgbouncer/pgbouncer.ini
