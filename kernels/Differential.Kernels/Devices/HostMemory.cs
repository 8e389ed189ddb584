using System.Runtime.InteropServices;

namespace Differential.Kernels.Devices;

/// <summary>
/// Native memory of the SIMD device, aligned to a line of the cache. Large pieces ask Linux for pages of 2 MiB: a convolution reads dozens of lines
/// that lie far apart, and pages of 4 KiB make the processor look most of them up anew. Elsewhere, or where the system refuses, pages are what they are.
/// </summary>
internal static unsafe partial class HostMemory
{
    private const int Line = 64;
    private const nuint LargePage = 1 << 21;
    private const int AdviseLargePages = 14;

    /// <exception cref="OutOfMemoryException">There is not that much.</exception>
    public static void* Allocate(nuint bytes)
    {
        if (bytes < LargePage || !OperatingSystem.IsLinux())
        {
            return NativeMemory.AlignedAlloc(bytes, Line);
        }

        // Advice alone: what comes of it changes no result.
        void* memory = NativeMemory.AlignedAlloc(bytes, LargePage);
        _ = Advise(memory, bytes, AdviseLargePages);
        return memory;
    }

    public static void Free(void* memory) => NativeMemory.AlignedFree(memory);

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Advise(void* memory, nuint bytes, int advice);
}
