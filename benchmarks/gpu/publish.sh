#!/bin/bash
# publish.sh [FILE]: the programs of check.sh, self-contained for linux-x64, in one archive (by default artifacts/gpu.tar.xz).
# Needs the .NET SDK. With DIFFERENTIAL_CIFAR10 the archive has the images of the job imbalance too: its first airplanes and horses.
# Fails where the archive is larger than 64 MiB.
set -euo pipefail
cd "$(dirname "$0")/../.."
archive=${1:-artifacts/gpu.tar.xz}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
publish() {
    # One folder for all: the runtime's files are the same and lie there once.
    dotnet publish "$1" -c Release -r linux-x64 --self-contained -o "$folder/gpu" -v q --nologo \
        -p:RunAnalyzers=false -p:DebugType=none -p:GenerateDocumentationFile=false -p:Carried=true
}
publish benchmarks/Differential.Benchmarks
publish benchmarks/gpu/Differential.Parity
publish src/Differential.Service
cp benchmarks/gpu/epochs.json "$folder/gpu/"
[ ! -e examples/jobs/imbalance.json ] || cp examples/jobs/imbalance.json "$folder/gpu/"
if [ -n "${DIFFERENTIAL_CIFAR10:-}" ]; then
    mkdir "$folder/gpu/cifar"
    python3 - "$DIFFERENTIAL_CIFAR10" "$folder/gpu/cifar" <<'CUT'
import glob, sys

RECORD, AIRPLANE, HORSE = 3073, 0, 7


def cut(sources, target, most):
    taken = {AIRPLANE: 0, HORSE: 0}
    with open(target, "wb") as output:
        for source in sources:
            data = open(source, "rb").read()
            for at in range(0, len(data), RECORD):
                label = data[at]
                if label in taken and taken[label] < most[label]:
                    taken[label] += 1
                    output.write(data[at:at + RECORD])


source, target = sys.argv[1:]
cut(sorted(glob.glob(source + "/data_batch_*.bin")), target + "/data_batch_1.bin", {AIRPLANE: 2600, HORSE: 200})
cut([source + "/test_batch.bin"], target + "/test_batch.bin", {AIRPLANE: 1000, HORSE: 1000})
CUT
fi
mkdir -p "$folder/gpu/peers" "$(dirname "$archive")"
cp benchmarks/peers/*.py "$folder/gpu/peers/"
rm -f "$folder"/gpu/*.xml "$folder"/gpu/*.pdb
tar -C "$folder" -cf - gpu | xz -T0 -6 > "$archive"
size=$(stat -c %s "$archive")
echo "$archive: $((size / 1024)) KiB, unpacked $(du -sk "$folder/gpu" | cut -f1) KiB"
[ "$size" -le $((64 << 20)) ] || { echo "more than 64 MiB" >&2; exit 1; }
