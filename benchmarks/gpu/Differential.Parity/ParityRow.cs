using System.Globalization;
using System.Reflection;
using Differential.Kernels.Tests.Ilgpu;
using Xunit;
using Xunit.Sdk;

namespace Differential.Parity;

/// <summary>How a row came out.</summary>
internal enum RowOutcome
{
    Passed,
    Failed,
    Skipped,
}

/// <summary>A test with one row of its data, or a test of a class that is for one device alone.</summary>
/// <param name="Type">The class.</param>
/// <param name="Method">The test.</param>
/// <param name="Arguments">Its arguments.</param>
internal sealed record ParityRow(Type Type, MethodInfo Method, object?[] Arguments)
{
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{Type.Name}.{Method.Name}({string.Join(", ", Arguments)})");

    /// <summary>The rows whose first argument is the device, the comparisons with the SIMD device first; and the classes named after its kind.</summary>
    public static IEnumerable<ParityRow> Of(string device)
    {
        string kind = device.Split(':')[0];
        return typeof(ParityTests).Assembly.GetTypes()
            .Where(static type => type is { IsClass: true, IsAbstract: false, IsPublic: true })
            .OrderBy(static type => type == typeof(ParityTests) ? 0 : type.Namespace == typeof(ParityTests).Namespace ? 1 : 2)
            .ThenBy(static type => type.FullName, StringComparer.Ordinal)
            .SelectMany(type => Rows(type, kind));
    }

    public (RowOutcome Outcome, string? Message) Run(Fixtures fixtures)
    {
        try
        {
            object test = fixtures.Create(Type);
            using (test as IDisposable)
            {
                (Method.Invoke(test, Arguments) as Task)?.GetAwaiter().GetResult();
            }

            return (RowOutcome.Passed, null);
        }
#pragma warning disable CA1031 // whatever a test throws is its result
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Exception cause = exception is TargetInvocationException { InnerException: { } inner } ? inner : exception;
            return (cause is Xunit.SkipException ? RowOutcome.Skipped : RowOutcome.Failed, $"{cause.GetType().Name}: {cause.Message}");
        }
    }

    private static IEnumerable<ParityRow> Rows(Type type, string device)
    {
        bool isForDevice = type.Name.StartsWith(device, StringComparison.OrdinalIgnoreCase);
        foreach (MethodInfo method in type.GetMethods().Where(static method => method.GetCustomAttribute<FactAttribute>() is { Skip: null }))
        {
            DataAttribute[] data = [.. method.GetCustomAttributes<DataAttribute>()];
            if (data.Length == 0 && isForDevice)
            {
                yield return new ParityRow(type, method, []);
            }

            foreach (object?[] row in data.SelectMany(source => source.GetData(method)))
            {
                if (isForDevice || (row.Length > 0 && row[0] is string name && name == device))
                {
                    yield return new ParityRow(type, method, row);
                }
            }
        }
    }
}
