#!/bin/sh
# Replaces the api containers by the current code and settings, one after the other, without a failed request:
#   sh infra/scale/rollout.sh
# Each new container serves before an old one stops, so the database takes one router more meanwhile.
set -eu
cd "$(dirname "$0")/../.."
compose() { docker compose -f compose.yaml -f infra/scale/compose.yaml "$@"; }

compose build api
old=$(compose ps --quiet api)
routers=$(echo "$old" | wc -l)
for id in $old; do
  compose up --detach --no-deps --no-recreate --no-build --wait --scale api=$((routers + 1)) api
  docker stop "$id" >/dev/null
  docker rm "$id" >/dev/null
done
