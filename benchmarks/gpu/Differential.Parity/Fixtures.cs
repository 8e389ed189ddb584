using System.Reflection;
using Xunit.Abstractions;

namespace Differential.Parity;

/// <summary>What the constructors of test classes ask for: shared fixtures, made once, and an output that nobody reads.</summary>
internal sealed class Fixtures : IDisposable
{
    private readonly Dictionary<Type, object> _made = [];

    public object Create(Type type)
    {
        ConstructorInfo constructor = type.GetConstructors().Single();
        return constructor.Invoke([.. constructor.GetParameters().Select(parameter => Of(parameter.ParameterType))]);
    }

    public void Dispose()
    {
        foreach (object fixture in _made.Values)
        {
            (fixture as IDisposable)?.Dispose();
        }
    }

    private object Of(Type type)
    {
        if (type == typeof(ITestOutputHelper))
        {
            return SilentOutput.Instance;
        }

        if (!_made.TryGetValue(type, out object? fixture))
        {
            _made[type] = fixture = Activator.CreateInstance(type)!;
        }

        return fixture;
    }

    private sealed class SilentOutput : ITestOutputHelper
    {
        public static readonly SilentOutput Instance = new();

        public void WriteLine(string message)
        {
        }

        public void WriteLine(string format, params object[] args)
        {
        }
    }
}
