namespace Differential.Benchmarks.Peers;

/// <summary>A piece of work that PyTorch does too.</summary>
internal interface IPeerWork : IDisposable
{
    void Run();
}
