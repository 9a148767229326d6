#!/bin/sh
# Owns the start of coturn with turnserver.conf beside it and what belongs to one machine; arguments go to turnserver.
#   SLUICE_TURN_SECRETS    as the edges have it: secrets, the newest first, with commas between them
#   TURN_REALM             the relay's name, such as turn.example
#   TURN_EXTERNAL_IP       behind NAT: public address, or public/private
#   TURN_CERT, TURN_KEY    PEM files; without them there is no TLS
# Secrets are read from a file that only this user can read: arguments are for everybody on the machine.
set -eu
umask 077
here=$(dirname "$0")
if [ -z "${SLUICE_TURN_SECRETS:-}" ]; then
  echo 'SLUICE_TURN_SECRETS is empty: without secrets the relay would be open to nobody.' >&2
  exit 1
fi
folder=$(mktemp -d)
config=$folder/turnserver.conf
cp "$here/turnserver.conf" "$config"
add() { printf '%s\n' "$1" >>"$config"; }
(
  IFS=,
  set -f
  for secret in $SLUICE_TURN_SECRETS; do
    secret=$(printf %s "$secret" | tr -d '[:space:]')
    [ -z "$secret" ] || add "static-auth-secret=$secret"
  done
)
add "pidfile=$folder/turnserver.pid"
add "userdb=$folder/turndb"
add "realm=${TURN_REALM:-sluice}"
[ -z "${TURN_EXTERNAL_IP:-}" ] || add "external-ip=$TURN_EXTERNAL_IP"
if [ -n "${TURN_CERT:-}" ]; then
  add "cert=$TURN_CERT"
  add "pkey=${TURN_KEY:?}"
else
  add no-tls
  add no-dtls
fi
unset SLUICE_TURN_SECRETS
exec turnserver -c "$config" "$@"
