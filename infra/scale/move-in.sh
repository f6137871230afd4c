#!/bin/sh
# Moves the directory of a running `npm start` into three routers on PostgreSQL, which then take over its ports:
#   sh infra/scale/move-in.sh [FILE]      the SQLite file (data/app.db)
# The routers start before the move, and the site waits for its port. So pages fail only while one site ends and the other one starts.
# COMPOSE_FILE names the files of Docker Compose. Without it they are compose.yaml and infra/scale/compose.yaml. The other settings
# are those of this shell and of .env, and must be those of npm start.
set -eu
cd "$(dirname "$0")/../.."
file=$(realpath "${1:-data/app.db}")
if [ -z "${COMPOSE_FILE-}" ] && ! grep -qs '^COMPOSE_FILE=' .env; then
  export COMPOSE_FILE=compose.yaml:infra/scale/compose.yaml
fi

docker compose build
docker compose up --detach --wait --scale api=3 api
docker compose create --no-recreate --scale api=3
balancer=$(docker compose ps --all --quiet balancer)
site=$(docker compose ps --all --quiet site)
# Docker Desktop, and Docker on any system but Linux, runs containers in a virtual machine. SQLite's locks do not cross its border.
case "$(uname -s), $(docker info --format '{{.OperatingSystem}}')" in
  "Linux, Docker Desktop"*) is_virtual=true ;;
  Linux*) is_virtual=false ;;
  *) is_virtual=true ;;
esac
if $is_virtual; then
  echo 'End npm start now (Ctrl-C), and press Enter here.'
  read -r _
fi
owner=$(ls -n "$file" | awk '{ print $3 }')
address="sqlite:/from/$(basename "$file")"
# Runs a command of the API beside the file.
run_beside() {
  docker compose run --rm --no-deps --user "$owner" --volume "$(dirname "$file"):/from" "$@"
}
if [ -z "${AUTH-}" ] && ! grep -qs '^AUTH=.*o' .env; then
  for kind in people keys; do
    list=$(run_beside --env DATABASE_URL="$address" api "$kind" list)
    # The first line has the titles.
    if [ "$(echo "$list" | wc -l)" -gt 1 ]; then
      echo 'The directory has accounts, and AUTH is not set here: set AUTH as for npm start (on; or off to ask nobody who he is), and run this again.' >&2
      exit 1
    fi
  done
fi
run_beside api move "$address"

# Starts a container as soon as its port is free.
take_over() {
  until error=$(docker start "$1" 2>&1); do
    case $error in
      *"already in use"* | *"already allocated"*) sleep 0.1 ;;
      *) echo "$error" >&2 && exit 1 ;;
    esac
  done
}
echo 'Everything has moved. End npm start now (Ctrl-C) if it runs: the new site opens at once.'
take_over "$balancer" & started=$!
take_over "$site"
wait $started
docker compose up --detach --wait --no-build --no-recreate --scale api=3
