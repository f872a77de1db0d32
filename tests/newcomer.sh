#!/usr/bin/env bash
# Does what README.md tells a newcomer to do, word by word, in a fresh clone of the last commit.
#
#   tests/newcomer.sh          # everything, from nothing: the release builds and the models take long
#   tests/newcomer.sh --ci     # with the builds of this checkout, and without what is built with `--release`
#
# It follows every link to a file, runs every line of every `sh` block, and puts the first example into a new crate
# that depends on the clone. The other examples are tests: `cargo test`, one of those lines, runs them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null
unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_RUSTFLAGS CARGO_TARGET_DIR CARGO_BUILD_TARGET_DIR

ci=
case "${1:-}" in
'') ;;
--ci) ci=yes ;;
*)
    sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"
    exit 2
    ;;
esac

here=$PWD
away=$(mktemp -d)
trap 'rm -rf "$away"' EXIT
clone=$away/syncline

# What is not committed is not cloned. With shared builds the checkout would be told that it is built already, though
# what was built is the commit.
if git rev-parse --git-dir >/dev/null 2>&1; then
    if [[ -n $(git status --porcelain) ]]; then
        printf 'commit first: a clone has only what is committed\n'
        git status --short
        exit 1
    fi
    git clone --quiet "$here" "$clone"
else
    printf 'this is no clone: a copy of it is tried\n'
    mkdir "$clone"
    tar -c --exclude=./target . | tar -x -C "$clone"
fi
cd "$clone"
if [[ -n $ci ]]; then
    mkdir -p "$here/target"
    ln -s "$here/target" target
    # Cargo builds what is younger than its build.
    find . -type f -not -path './.git/*' -print0 | while IFS= read -r -d '' file; do
        touch -r "$here/$file" "$file"
    done
fi

failed() {
    printf 'README.md: %s\n' "$1"
    exit 1
}

# Every link and image to a file, without its anchor. An anchor is the heading of the other file in lower case.
links() {
    grep -oE '\]\([^)]+\)|src="[^"]+"' README.md | sed -E 's/^\]\(|\)$|^src="|"$//g' | grep -vE '^https?:' | sort -u
}

headings() {
    sed -n 's/^##* //p' "$1" | tr '[:upper:]' '[:lower:]' | sed -E 's/[^a-z0-9 _-]//g; s/ /-/g'
}

follow_links() {
    local link file
    while read -r link; do
        file=${link%%#*}
        [[ -e ${file:-README.md} ]] || failed "the link $link leads nowhere"
        if [[ $link == *'#'* ]]; then
            headings "${file:-README.md}" | grep -qxF "${link#*#}" || failed "the link $link has no heading"
        fi
    done < <(links)
    printf '%s links lead somewhere\n' "$(links | wc -l)"
}

# The lines of all blocks of one language.
blocks() {
    awk -v fence="\`\`\`$1" '$0 == fence { inside = 1; next } /^```$/ { inside = 0 } inside' README.md
}

# The lines of the first block of one language.
first_block() {
    awk -v fence="\`\`\`$1" '$0 == fence { inside = 1; next } inside && /^```$/ { exit } inside' README.md
}

run_commands() {
    local command start count=0
    while read -r command; do
        [[ -n $command ]] || continue
        if [[ -n $ci && $command == *' --release '* ]]; then
            printf 'LEFT OUT: %s\n' "$command"
            continue
        fi
        printf '$ %s\n' "$command"
        start=$SECONDS
        bash -euo pipefail -c "$command"
        printf -- '--- %d s\n' $((SECONDS - start))
        count=$((count + 1))
    done < <(blocks sh)
    ((count > 0)) || failed 'there is nothing to run'
}

# The crate of somebody who has read as far as the first example. The lock file spares a look at the registry.
depend_on_it() {
    local crate=$away/newcomer
    cargo new --quiet --vcs none "$crate"
    printf 'syncline = { path = "%s" }\n' "$clone" >>"$crate/Cargo.toml"
    {
        printf 'fn main() {\n'
        first_block rust
        printf '}\n'
    } >"$crate/src/main.rs"
    cp Cargo.lock "$crate"
    (cd "$crate" && cargo run --quiet --target-dir "$clone/target/newcomer")
    printf 'the first example runs in a crate of its own\n'
}

follow_links
depend_on_it
run_commands
printf 'README.md does what it says, after %d s\n' "$SECONDS"
