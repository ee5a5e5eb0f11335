# Read by ./run and ./test: makes .venv from a hashed lock, with uv where it is, else with venv and pip.

find_python() {
    for candidate in "${PYTHON:-}" python3 python3.11 python3.12 python3.13 python3.14; do
        [ -n "$candidate" ] || continue
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "Python 3.11 or newer is needed; install it, or name it: PYTHON=/path/to/python3.11 $0" >&2
    exit 1
}

# set_up LOCK...: nothing happens when the environment was made from these very locks.
set_up() {
    wanted=$(cat "$@" setup.cfg | cksum)
    if [ -x .venv/bin/biobank ] && [ "$(cat ".venv/made-from-$(basename "$1")" 2>/dev/null)" = "$wanted" ]; then
        return
    fi
    python=$(find_python)
    echo "Setting up .venv ..." >&2
    if ! command -v uv >/dev/null 2>&1; then
        install_with_pip "$python" "$@"
    elif ! install_with_uv "$python" "$@"; then
        echo "uv could not; going on with pip ..." >&2
        install_with_pip "$python" "$@"
    fi
    install_product
    .venv/bin/python -m compileall -q biobank labels migrations .venv/lib >/dev/null 2>&1 || true
    echo "$wanted" >".venv/made-from-$(basename "$1")"
}

install_with_uv() {
    interpreter=$1
    shift
    [ -x .venv/bin/python ] || uv venv --quiet --python "$interpreter" .venv || return 1
    for lock in "$@"; do
        uv pip install --quiet --python .venv/bin/python --require-hashes -r "$lock" || return 1
    done
}

install_with_pip() {
    interpreter=$1
    shift
    [ -x .venv/bin/python ] || "$interpreter" -m venv .venv
    .venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip --upgrade >/dev/null
    for lock in "$@"; do
        .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
    done
}

# The product itself stays in this folder: a path file and the command, nothing built, nothing fetched.
install_product() {
    site_packages=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    pwd >"$site_packages/biobank.pth"
    cat >.venv/bin/biobank <<END
#!$(pwd)/.venv/bin/python
import sys
from biobank.commands import main
sys.exit(main())
END
    chmod +x .venv/bin/biobank
}
