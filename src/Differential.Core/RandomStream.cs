using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Differential.Core;

/// <summary>
/// A stream of pseudo-random numbers (xoshiro256**, Blackman and Vigna 2018) that a seed and a name decide: each use
/// (initialisation, order, attack starts, …) has its own stream, the same on every device and machine.
/// </summary>
internal sealed class RandomStream
{
    private ulong _a;
    private ulong _b;
    private ulong _c;
    private ulong _d;

    /// <param name="seed">The job's seed.</param>
    /// <param name="name">What the stream is for.</param>
    /// <param name="index">Which of several streams of one use, e.g. an epoch or a sample.</param>
    public RandomStream(long seed, string name, long index = 0)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}\0{name}\0{index}"));
        (_a, _b, _c, _d) = (BitConverter.ToUInt64(hash, 0), BitConverter.ToUInt64(hash, 8), BitConverter.ToUInt64(hash, 16), BitConverter.ToUInt64(hash, 24));
    }

    private RandomStream(ulong a, ulong b, ulong c, ulong d) => (_a, _b, _c, _d) = (a, b, c, d);

    /// <summary>The stream's position, to go on from later: 4 words.</summary>
    public ulong[] State => [_a, _b, _c, _d];

    /// <summary>A stream that goes on from <paramref name="state"/>.</summary>
    public static RandomStream Restore(ReadOnlySpan<ulong> state)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(state.Length, 4, nameof(state));
        return new RandomStream(state[0], state[1], state[2], state[3]);
    }

    public ulong NextUInt64()
    {
        ulong result = BitOperations.RotateLeft(_b * 5, 7) * 9;
        ulong t = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= t;
        _d = BitOperations.RotateLeft(_d, 45);
        return result;
    }

    /// <summary>Uniform in [0, 1), 53 bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [low, high).</summary>
    public double NextDouble(double low, double high) => low + ((high - low) * NextDouble());

    /// <summary>Uniform in 0 … bound − 1, without bias.</summary>
    public int NextInt32(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        ulong limit = ulong.MaxValue - (ulong.MaxValue % (uint)bound);
        ulong value;
        do
        {
            value = NextUInt64();
        }
        while (value >= limit);

        return (int)(value % (uint)bound);
    }

    /// <summary>Standard normal (Box and Muller; one value per two uniforms, so that the position stays simple).</summary>
    public double NextNormal()
    {
        double radius = Math.Sqrt(-2 * Math.Log(1 - NextDouble()));
        return radius * Math.Cos(2 * Math.PI * NextDouble());
    }

    /// <summary>A random order in place (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> values)
    {
        for (int i = values.Length - 1; i > 0; i--)
        {
            int j = NextInt32(i + 1);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }
}
