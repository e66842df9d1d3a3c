#!/usr/bin/env bash
# brotli 1.2.1: of 400,000 bytes that were compressed and flushed, Decompressor.process, without a
# limit, returns the first 32,752, and keeps the rest though can_accept_more_data() says that it
# wants input; process(b"") must be called until it returns nothing. With the end of the stream, the
# same call returns all. zlib and zstd return all both times.
# Seen: 32752 and then 367248 by 12 empty calls when flushed, 400000 at once when finished.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet "brotli==1.2.1"

"$folder/venv/bin/python" - <<'EOF'
import brotli

PLAIN = b"3,three\n" * 50_000

compressor = brotli.Compressor(quality=4)
flushed = compressor.process(PLAIN) + compressor.flush()
end = compressor.finish()

whole = brotli.Decompressor().process(flushed + end)
reader = brotli.Decompressor()
first = reader.process(flushed)
wants_more = reader.can_accept_more_data()
kept = []
while part := reader.process(b""):
    kept.append(part)

print(f"finished: {len(whole)}; flushed: {len(first)}, and wants more: {wants_more}")
print(f"kept back: {sum(map(len, kept))}, in {len(kept)} parts")
assert whole == PLAIN == first + b"".join(kept)
assert len(first) == 32_752 and wants_more
EOF
