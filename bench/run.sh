#!/usr/bin/env bash
# Measures NCR and docker-registry on this machine, in turns, and prints one table. See README.md beside this file.
set -euo pipefail

usage() {
    cat <<'TEXT'
bench/run.sh [options]
  --rounds N       rounds over both servers (3; 1 with --quick)
  --quick          small sizes, about two minutes in all: to see that everything works, not to judge
  --only SECTIONS  of startup,push,get,tls,docker,manifest,small,tags,catalog,restart
  --out FILE       write the table there, too
  --raw FOLDER     keep the figures of each run (JSON) and the servers' logs there
  --self-test      docker-registry on both sides: how far from 1 the ratios are by chance
  NCR_BENCH_APP    a published folder of Ncr.Web to measure instead of publishing one
  TMPDIR           where the data goes: on the disk to be measured, not in memory
TEXT
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
rounds='' quick='' only='' out='' raw='' self_test=''
while (($#)); do
    case $1 in
        --rounds | --only | --out | --raw)
            (($# > 1)) || { echo "$1 needs a value" >&2; exit 2; }
            declare "${1#--}=$2"
            shift 2 ;;
        --quick) quick=1; shift ;;
        --self-test) self_test=1; shift ;;
        -h | --help) usage; exit ;;
        *) usage >&2; exit 2 ;;
    esac
done
rounds=${rounds:-${quick:+1}}
rounds=${rounds:-3}
[[ $rounds =~ ^[1-9][0-9]?$ ]] || { echo "--rounds takes a number from 1 to 99" >&2; exit 2; }

missing=()
for tool in python3 wrk ab curl openssl docker dockerd docker-registry; do
    command -v "$tool" >/dev/null || missing+=("$tool")
done
[[ $self_test ]] || command -v dotnet >/dev/null || missing+=(dotnet)
if ((${#missing[@]})); then
    echo "Missing: ${missing[*]}. On Debian: apt-get install docker-registry docker.io wrk apache2-utils curl openssl python3" >&2
    exit 2
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/ncr-bench.XXXXXX")
child=''
clean_up() {
    trap '' INT TERM HUP
    if [[ $child ]]; then
        kill -TERM "$child" 2>/dev/null || true
        wait "$child" 2>/dev/null || true
    fi
    rm -rf -- "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# A command in the background that is waited for: a signal is answered at once, not when the command is done.
run() {
    "$@" &
    child=$!
    local status=0
    wait "$child" || status=$?
    child=''
    return "$status"
}

sizes=()
need_gib=22 timeout=2400
if [[ $quick ]]; then
    sizes=(--blob-mib 64 --image-mib 20 --reps 1 --seconds 2 --warm-up 1 --tags 500 --repositories 400 --starts 2 --patience 0)
    need_gib=2 timeout=300
fi
[[ $only ]] && sizes+=(--only "$only")
if (($(df --output=avail -B1G "$work" | tail -1) < need_gib)); then
    echo "$work has less than $need_gib GiB free; set TMPDIR to a folder that has" >&2
    exit 2
fi

if [[ ! $self_test ]]; then
    app=${NCR_BENCH_APP:-}
    if [[ ! $app ]]; then
        app=$work/app
        echo "Publishing Ncr.Web …" >&2
        # Named, the platform has the code compiled ahead, as docs/operations.md says to install it.
        platform=linux-$([[ $(uname -m) == aarch64 ]] && echo arm64 || echo x64)
        run env MSBUILDDISABLENODEREUSE=1 dotnet publish "$here/../Ncr.Web" -c Release -r "$platform" -o "$app" --nologo -v quiet \
            -p:UseSharedCompilation=false >&2
    fi
    [[ -f $app/Ncr.Web.dll ]] || { echo "$app holds no Ncr.Web.dll" >&2; exit 2; }
    app=$(cd "$app" && pwd)
fi

export PYTHONDONTWRITEBYTECODE=1
mkdir "$work/results" "$work/cache"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1 \
    -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
NCR_BENCH_WORK=$work NCR_BENCH_APP=${app:-} python3 - <<'PY'
import json, os, secrets, shlex, socket, string

work, app = os.environ["NCR_BENCH_WORK"], os.environ["NCR_BENCH_APP"]


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def word(length):
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(length))


def docker_registry(name, port, tls_port):
    def config(suffix, http):
        with open(f"{work}/{name}{suffix}.yml", "w") as f:
            json.dump({  # JSON is YAML
                "version": "0.1",
                "log": {"level": "error", "accesslog": {"disabled": True}},
                "storage": {"filesystem": {"rootdirectory": f"{work}/data-{name}"}, "delete": {"enabled": True},
                            "cache": {"blobdescriptor": "inmemory"}, "maintenance": {"uploadpurging": {"enabled": False}}},
                "catalog": {"maxentries": 20000},
                "http": {"secret": word(32)} | http}, f)
        return f"docker-registry serve {shlex.quote(f.name)}"

    return {"name": name, "base": f"http://127.0.0.1:{port}", "data": f"{work}/data-{name}",
            "start": config("", {"addr": f"127.0.0.1:{port}"}), "tls-base": f"https://127.0.0.1:{tls_port}",
            "tls-start": config("-tls", {"addr": f"127.0.0.1:{tls_port}", "tls": {"certificate": f"{work}/cert.pem", "key": f"{work}/key.pem"}})}


def ncr(port, tls_port):
    base, tls_base, key, secret = f"http://127.0.0.1:{port}", f"https://127.0.0.1:{tls_port}", "benchkey000000000001", word(40)
    command = f"dotnet {shlex.quote(app + '/Ncr.Web.dll')} --urls "
    return {"name": "NCR", "base": base, "data": f"{work}/data-ncr", "folder": app, "user": f"{key}:{secret}",
            "start": command + base, "tls-base": tls_base,
            "tls-start": f"{command}{tls_base} --Ncr:Https:CertificatePath={work}/cert.pem --Ncr:Https:KeyPath={work}/key.pem",
            "env": {"NCR__DATAPATH": f"{work}/data-ncr", "NCR__SETUP__USER": "admin", "NCR__SETUP__PASSWORD": word(24) + "-1aA",
                    "NCR__SETUP__ACCESSKEY": key, "NCR__SETUP__SECRETKEY": secret, "NCR__SETUP__REGISTRIES": "bench,cat0,cat1",
                    "Logging__LogLevel__Default": "Error", "DOTNET_NOLOGO": "1", "DOTNET_CLI_TELEMETRY_OPTOUT": "1"}}


ports = free_ports(4)
ours = ncr(*ports[:2]) if app else docker_registry("docker-registry-too", *ports[:2])
with open(f"{work}/targets.json", "w") as f:
    json.dump([ours, docker_registry("docker-registry", *ports[2:])], f)
PY

note="$(nproc) cores, $(stat -f -c %T "$work") file system, $(docker-registry --version | awk '{print "docker-registry", $3}')"
note+="${quick:+; small sizes (--quick): not to judge by}."
status=0
run python3 "$here/compare.py" "$work/targets.json" "$work/results" --rounds "$rounds" --timeout "$timeout" --note "$note" \
    ${out:+--out "$out"} -- --cache "$work/cache" ${sizes[@]+"${sizes[@]}"} || status=$?
if [[ $raw ]]; then
    mkdir -p "$raw"
    cp "$work"/results/* "$raw"/
fi
exit "$status"
