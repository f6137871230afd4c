#!/bin/sh
# Replaces the api containers by the current code and settings, one after the other, without a failed request:
#   sh infra/scale/rollout.sh
# Each new container serves before an old one stops, so the database takes one router more meanwhile. One that does not start is removed.
# COMPOSE_FILE names the files of Docker Compose. Without it they are those with which the containers were started. The other settings
# are those of this shell and of .env.
set -eu
cd "$(dirname "$0")/../.."

old=$(docker compose ps --quiet api)
if [ -z "$old" ]; then
  echo 'No api container runs. To start them: docker compose -f compose.yaml -f infra/scale/compose.yaml up --build --wait --scale api=3' >&2
  exit 1
fi
if [ -z "${COMPOSE_FILE-}" ] && ! grep -qs '^COMPOSE_FILE=' .env; then
  label='{{index .Config.Labels "com.docker.compose.project.config_files"}}'
  COMPOSE_FILE=$(docker inspect --format "$label" "${old%%[!0-9a-f]*}")
  export COMPOSE_FILE COMPOSE_PATH_SEPARATOR=,
fi
if [ -z "${AUTH-}" ] && ! grep -qs '^AUTH=.*o' .env; then
  if docker inspect --format '{{range .Config.Env}}{{println .}}{{end}}' "${old%%[!0-9a-f]*}" | grep -qx AUTH=on; then
    echo 'The api containers run with AUTH=on, and AUTH is not set here: set it, and what else they were started with, or the new ones ask nobody who he is.' >&2
    exit 1
  fi
fi
docker compose build api
# Docker Compose counts a stopped container, such as one of an update that somebody broke off, and would start it again.
docker compose rm --force api
routers=$(echo "$old" | wc -l)
for id in $old; do
  serving=$(docker compose ps --all --quiet api)
  if ! docker compose up --detach --no-deps --no-recreate --no-build --wait --scale api=$((routers + 1)) api; then
    # The next attempt would wait for this container, too.
    new=$(docker compose ps --all --quiet api | grep -vxF "$serving")
    docker logs --tail 20 "$new" >&2
    docker rm --force "$new" >/dev/null
    echo 'Not every api container became healthy. The new one, whose log is above, is removed. The others serve as before.' >&2
    exit 1
  fi
  docker stop "$id" >/dev/null
  docker rm "$id" >/dev/null
done
