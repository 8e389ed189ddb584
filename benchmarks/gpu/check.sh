#!/bin/bash
# check.sh [--device cuda] [--programs FOLDER | --archive FILE] [--out FOLDER] [--seconds 480] [--tiny] [--limits 1] [--only STEP,STEP]
#
# What a GPU is asked first, most valuable first, in at most 8 minutes. Needs neither .NET nor a network: publish.sh makes the archive.
# Each step has a time limit of its own. FOLDER/results.jsonl gets a line for each result as soon as there is one and a line at each step's end,
# so that all that was done is kept where the whole is cut off; FOLDER/log.txt gets what the steps print. --tiny is for devices that
# are simulated, --limits multiplies the steps' limits. Status 0 where every step passed or was left out for a reason that its line tells.
set -u
device=cuda programs= archive= out=gpu-results seconds=480 tiny= limits=1 only=
while [ $# -gt 0 ]; do
    case "$1" in
        --device) device=$2; shift ;;
        --programs) programs=$2; shift ;;
        --archive) archive=$2; shift ;;
        --out) out=$2; shift ;;
        --seconds) seconds=$2; shift ;;
        --only) only=$2; shift ;;
        --limits) limits=$2; shift ;;
        --tiny) tiny=1 ;;
        *) sed -n 2p "$0"; exit 2 ;;
    esac
    shift
done

begin=$SECONDS
mkdir -p "$out"
results=$out/results.jsonl log=$out/log.txt failures=0
work=$(mktemp -d)
mkfifo "$work/pipe"
child=
trap 'rm -rf "$work"' EXIT
trap 'end_all "cut off"; exit 143' TERM INT HUP
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

line() { printf '%s\n' "$1" >> "$results"; }

end_all() {
    [ -z "$child" ] || kill -TERM -- "-$child" 2>/dev/null
    line "{\"step\":\"end\",\"outcome\":\"$1\",\"seconds\":$((SECONDS - begin)),\"failures\":$failures}"
}

read_results() {
    local text
    while IFS= read -r text; do
        printf '%s\n' "$text" >> "$log"
        case "$text" in '{'*'}'|'['*']') line "{\"step\":\"$1\",\"result\":$text}" ;; esac
    done
}

# step NAME LIMIT COMMAND...: lines of its output that are JSON become results.
step() {
    local name=$1 limit=$(($2 * limits)) start=$SECONDS left rc outcome reader
    shift 2
    case ",$only," in ,,|*",$name,"*) ;; *) return ;; esac
    left=$((seconds - (SECONDS - begin)))
    if [ "$left" -lt 3 ]; then
        line "{\"step\":\"$name\",\"outcome\":\"left out\",\"reason\":\"no time is left\"}"
        return
    fi
    [ "$limit" -le "$left" ] || limit=$left
    printf '\n== %s, at most %s s: %s\n' "$name" "$limit" "$*" >> "$log"
    # timeout makes a process group of its own: what the step starts ends with it. Results are written while it runs.
    read_results "$name" < "$work/pipe" &
    reader=$!
    (exec timeout --kill-after=3 "$limit" "$@" > "$work/pipe" 2>> "$log") &
    child=$!
    wait "$child"; rc=$?
    child=
    # What escaped from the group may hold the pipe: it is not waited for.
    for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$reader" 2>/dev/null || break; sleep 0.05; done
    case $rc in 0) outcome=passed ;; 124|137) outcome='out of time' ;; *) outcome=failed ;; esac
    [ "$rc" = 0 ] || failures=$((failures + 1))
    line "{\"step\":\"$name\",\"outcome\":\"$outcome\",\"status\":$rc,\"seconds\":$((SECONDS - start))}"
}

left_out() { case ",$only," in ,,|*",$1,"*) line "{\"step\":\"$1\",\"outcome\":\"left out\",\"reason\":\"$2\"}" ;; esac; }

if [ -z "$programs" ]; then
    archive=${archive:-$(dirname "$0")/../../artifacts/gpu.tar.xz}
    tar -C "$work" -xf "$archive" || { line "{\"step\":\"unpack\",\"outcome\":\"failed\"}"; end_all failed; exit 1; }
    programs=$work/gpu
fi

# Drivers may bring libcuda.so.1 alone; the program asks for libcuda.so.
driver=$(ldconfig -p 2>/dev/null | sed -n 's/.*libcuda\.so\.1 .*=> //p' | head -n 1)
for place in /usr/local/nvidia/lib64 /usr/lib/x86_64-linux-gnu /usr/lib64; do
    [ -n "$driver" ] || [ ! -e "$place/libcuda.so.1" ] || driver=$place/libcuda.so.1
done
if [ -n "$driver" ]; then
    mkdir -p "$work/lib"
    ln -sf "$driver" "$work/lib/libcuda.so"
    export LD_LIBRARY_PATH=$work/lib:$(dirname "$driver")${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
fi

programs=$(cd "$programs" && pwd)
cifar=${DIFFERENTIAL_CIFAR10:-$programs/cifar}
differential=$programs/differential
measure=$programs/Differential.Benchmarks
parity=$programs/Differential.Parity
train=train-cnn:128,train-cnn:1024 attack=pgd-step:500,pgd-step:4096 pairs=pairs:50000 kernels=kernels rows=100
if [ -n "$tiny" ]; then
    train=train-tiny attack=pgd-tiny pairs=pairs:16 kernels=kernels:dense2 rows=20
fi

# JSON over several lines as one result.
one_line() { tr -d '\r\n' | sed 's/  */ /g'; echo; }
json() { "$@" | one_line; return "${PIPESTATUS[0]}"; }

# A job on the device; its result is a result here.
job() { "$differential" run "$1" --device "$device" --output "$work/$2" --fresh && one_line < "$work/$2/result.json"; }

# The demo on the device and on the processor, and how far their figures are apart.
demo() {
    "$differential" demo --device "$device" --output "$work/demo-gpu" --fresh &&
    "$differential" demo --device simd --output "$work/demo-simd" --fresh &&
    "$parity" compare "$work/demo-gpu/result.json" "$work/demo-simd/result.json"
}

precise() { sed "s/\"kind\": \"train\"/\"kind\": \"train\", \"precision\": \"$1\"/" "$programs/epochs.json" > "$work/epochs-$1.json"; job "$work/epochs-$1.json" "epochs-$1"; }
imbalance() { sed "s|\"path\": *\"[^\"]*cifar-10-batches-bin\"|\"path\": \"$cifar\"|" "$programs/imbalance.json" > "$work/imbalance.json"; job "$work/imbalance.json" imbalance; }
torch() { python3 "$programs/peers/compare_gpu.py" --program "$measure" --rounds 5 --json "$work/torch.json" && one_line < "$work/torch.json"; }
export -f one_line json job demo precise imbalance torch
export differential device work parity programs measure cifar

step devices 20 bash -c 'json "$differential" devices --json'
step check 80 bash -c 'json "$differential" devices --check "$device" --json'
step parity 110 "$parity" "$device" --limit $((rows * limits))
if [ -n "$tiny" ]; then
    left_out demo "a simulated device takes too long"
else
    step demo 70 bash -c demo
fi
step train-plain 25 "$measure" measure "$train" --device "$device" --no-graphs
step train-graph 25 "$measure" measure "$train" --device "$device"
step attack-plain 25 "$measure" measure "$attack" --device "$device" --no-graphs
step attack-graph 25 "$measure" measure "$attack" --device "$device"
for precision in tf32 fp16; do
    if [ -n "$tiny" ]; then
        left_out "$precision" "a simulated device has float32 alone"
    else
        step "$precision" 30 "$measure" measure "$train,$attack" --device "$device" --precision "$precision"
    fi
done
step pairs 20 "$measure" measure "$pairs" --device "$device"
if [ -n "$tiny" ]; then
    left_out imbalance "a simulated device takes too long"
    left_out epochs "a simulated device takes too long"
    left_out epochs-tf32 "a simulated device takes too long"
else
    if [ -e "$programs/imbalance.json" ] && [ -d "$cifar" ]; then
        step imbalance 60 bash -c imbalance
    else
        left_out imbalance "the archive has no images for it"
    fi
    step epochs 20 bash -c 'precise float32'
    step epochs-tf32 20 bash -c 'precise tf32'
fi
step kernels 60 "$measure" measure "limit,$kernels" --device "$device"
if [ -n "$tiny" ]; then
    left_out torch "a simulated device takes too long"
elif python3 -c 'import torch, sys; sys.exit(not torch.cuda.is_available())' 2>/dev/null; then
    step torch 90 bash -c torch
else
    left_out torch "no PyTorch with CUDA is installed"
fi
end_all done
[ "$failures" = 0 ]
