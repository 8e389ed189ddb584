namespace Differential.Core;

/// <summary>What an object owns, disposed in the reverse order of its making, also where the making of the rest fails.</summary>
internal sealed class OwnedResources : IDisposable
{
    private readonly Stack<IDisposable> _resources = [];

    /// <summary>Takes ownership.</summary>
    public T Add<T>(T resource)
        where T : IDisposable
    {
        _resources.Push(resource);
        return resource;
    }

    public void Dispose()
    {
        while (_resources.TryPop(out IDisposable? resource))
        {
            resource.Dispose();
        }
    }
}
