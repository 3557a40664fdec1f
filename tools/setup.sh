#!/bin/sh
# Makes .venv/ from uv.lock. Usage: tools/setup.sh [run|dev|bench], each more than the one before.
#
# Needs Python 3.11 or newer and nothing else: where uv is missing, a pinned one goes into .tools/.
# Does nothing, quickly, when what was asked for is already there.
set -eu
cd "$(dirname "$0")/.."
wanted=${1:-run}

say() { printf '%s\n' "$*"; }
give_up() {
    printf '\nmake setup: %s\n' "$*" >&2
    exit 1
}

case $wanted in
run) enough='run dev bench' groups='--no-dev --inexact' ;; # inexact: leave what `make test` put there
dev) enough='dev bench' groups='' ;;
bench) enough='bench' groups='--group bench' ;;
*) give_up "there is no set-up called '$wanted'; it is run, dev or bench." ;;
esac

# The stamp names the content it was made from, and the place: scripts in .venv/bin hold its path.
fingerprint="$(cat uv.lock pyproject.toml tools/setup.sh | cksum | tr ' ' -) $PWD"
stamp=.venv/.cognate-setup
if [ -x .venv/bin/python ] && [ -x .venv/bin/cognate ] && [ -f "$stamp" ]; then
    for level in $enough; do
        [ "$(cat "$stamp")" = "$level $fingerprint" ] && exit 0
    done
fi
if [ -f "$stamp" ] && ! grep -qF "$PWD" "$stamp"; then
    rm -rf .venv # the clone was moved or copied
fi

is_new_enough() {
    "$1" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

python=
if [ -x .venv/bin/python ] && is_new_enough .venv/bin/python; then
    python=.venv/bin/python
else
    for name in python3 python3.13 python3.12 python3.11 python3.14 python; do
        if is_new_enough "$name"; then
            python=$(command -v "$name")
            break
        fi
    done
fi
[ -n "$python" ] || give_up "no Python 3.11 or newer found (looked for python3, python3.11 to \
python3.14 and python on PATH). Install one, for example: apt-get install python3"

# --- uv: the one on PATH, or a pinned one of our own -----------------------------------------------

pinned=$(sed -n 's/^uv==\([0-9.]*\).*/\1/p' tools/uv.txt)

is_usable_uv() { # 0.8: the first that reads this lock file's revision
    version=$("$1" --version 2>/dev/null) || return 1
    "$python" -c 'import sys
numbers = sys.argv[1].split()[1].split(".")[:2]
raise SystemExit(tuple(map(int, numbers)) < (0, 8))' "$version" 2>/dev/null
}

install_uv() {
    log=.tools/uv.log
    mkdir -p .tools
    : >"$log"
    say "Installing uv $pinned into .tools/ …"
    rm -rf .tools/uv
    if "$python" -m venv .tools/uv >>"$log" 2>&1 &&
        .tools/uv/bin/python -m pip install --quiet --disable-pip-version-check \
            --require-hashes -r tools/uv.txt >>"$log" 2>&1; then
        return 0
    fi
    # Debian's python3 may come without venv but with pip. --target touches nothing outside .tools/.
    rm -rf .tools/uv
    if PIP_USER=0 "$python" -m pip install --quiet --disable-pip-version-check --target .tools/uv \
        --require-hashes -r tools/uv.txt >>"$log" 2>&1; then
        return 0
    fi
    rm -rf .tools/uv
    return 1
}

uv=
if is_usable_uv uv; then
    uv=uv
elif [ "$(.tools/uv/bin/uv --version 2>/dev/null | cut -d' ' -f2)" = "$pinned" ]; then
    uv=.tools/uv/bin/uv
elif install_uv; then
    uv=.tools/uv/bin/uv
elif [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    say "This Python has neither venv nor pip: installing the system package python3-venv …"
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y \
        --no-install-recommends python3-venv; } >.tools/apt.log 2>&1 </dev/null ||
        { tail -n 5 .tools/apt.log >&2 && give_up "apt-get could not install python3-venv."; }
    install_uv || { tail -n 20 .tools/uv.log >&2 && give_up "could not install uv with pip."; }
    uv=.tools/uv/bin/uv
else
    tail -n 20 .tools/uv.log >&2
    give_up "$python could not install uv: it needs venv or pip, and PyPI within reach. \
On Debian or Ubuntu: sudo apt-get install python3-venv"
fi

# --- .venv from the lock file ----------------------------------------------------------------------

unset VIRTUAL_ENV UV_PROJECT_ENVIRONMENT UV_PYTHON 2>/dev/null || true
export UV_PYTHON_DOWNLOADS=never
say "Setting up .venv ($("$uv" --version | cut -d' ' -f1,2), $("$python" --version)) …"
rm -f "$stamp"
# shellcheck disable=SC2086 # $groups is a list of options
if [ "$python" = .venv/bin/python ]; then
    "$uv" sync --frozen $groups
else
    "$uv" sync --frozen $groups --python "$python"
fi
printf '%s\n' "$wanted $fingerprint" >"$stamp"
