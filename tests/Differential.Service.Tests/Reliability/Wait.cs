using System.Diagnostics;

namespace Differential.Service.Tests.Reliability;

/// <summary>Waits for another process's work without taking its processor.</summary>
internal static class Wait
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Looks again and again until a condition holds; false once the patience is over.</summary>
    public static bool Until(Func<bool> condition, TimeSpan patience)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            if (clock.Elapsed > patience)
            {
                return false;
            }

            Thread.Sleep(Pause);
        }

        return true;
    }
}
