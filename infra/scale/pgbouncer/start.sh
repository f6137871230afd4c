# Starts PgBouncer with the password of the database. At the first start it makes one up, for PostgreSQL and the routers as well.
set -eu
password=/run/database/password
if [ ! -s $password ]; then
  head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n' >$password.new
  mv $password.new $password
fi
umask 077
printf '"cadastro" "%s"\n' "$(cat $password)" >/tmp/users.txt
exec pgbouncer /etc/cadastro/pgbouncer.ini
