# Its own sandbox makes namespaces, which the container does not let it: the container is the sandbox.
export CHROMIUM_FLAGS="$CHROMIUM_FLAGS --no-sandbox --test-type --no-first-run --no-default-browser-check --disable-gpu"
export CHROMIUM_FLAGS="$CHROMIUM_FLAGS --disable-background-networking --password-store=basic --force-renderer-accessibility"
