using System.Text.Json;
using System.Text.Json.Serialization;
using Differential.Core.Attacks;
using Differential.Core.Batches;
using Differential.Core.Decisions;

namespace Differential.Core.Tests.Attacks;

public sealed class AttackOptionsTests
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    [Theory]
    [InlineData("""{ "kind": "fgsm", "epsilons": ["1/255"] }""", AttackNorm.Linf)]
    [InlineData("""{ "kind": "pgd", "norm": "l2", "epsilons": [0.25, "1/2"], "steps": 7, "momentum": 0.5 }""", AttackNorm.L2)]
    [InlineData("""{ "kind": "apgd", "epsilons": [0.1] }""", AttackNorm.Linf)]
    [InlineData("""{ "kind": "square", "epsilons": [0.1], "norm": "l2" }""", AttackNorm.L2)]
    [InlineData("""{ "kind": "noise", "epsilons": [0.1], "distribution": "gaussian" }""", AttackNorm.Linf)]
    [InlineData("""{ "kind": "suite", "epsilons": [0.1] }""", AttackNorm.Linf)]
    [InlineData("""{ "kind": "deepFool" }""", AttackNorm.L2)]
    [InlineData("""{ "kind": "fab", "norm": "linf" }""", AttackNorm.Linf)]
    [InlineData("""{ "kind": "carliniWagner" }""", AttackNorm.L2)]
    [InlineData("""{ "kind": "hopSkipJump", "rounded": true }""", AttackNorm.L2)]
    public void Create_EachKindOfAJobFile_IsThatAttack(string text, AttackNorm norm)
    {
        AttackOptions options = JsonSerializer.Deserialize<AttackOptions>(text, Json)!;
        string kind = JsonDocument.Parse(text).RootElement.GetProperty("kind").GetString()!;
        Assert.Equal((kind, norm), (options.Name, options.Norm));
        InSession(session => Assert.Same(options, options.CreateAttack(session).Options));
        Assert.Contains($"\"kind\":\"{kind}\"", JsonSerializer.Serialize(options, Json), StringComparison.Ordinal);
    }

    [Fact]
    public void Create_CarliniWagnerForLinf_IsRefused() =>
        InSession(session => Assert.Throws<NotSupportedException>(() => new CarliniWagnerOptions { Norm = AttackNorm.Linf }.CreateAttack(session)));

    private static void InSession(Action<AttackSession> act)
    {
        LinearProblem problem = LinearProblem.InsideTheBox(1);
        using LinearScoreModel model = problem.Model();
        using var batches = new SampleBatches(model.Device, problem.Data, streamed: model.MaxBatch);
        using var session = new AttackSession(model, batches, [new AttackedSample(0, problem.Data.Labels[0], 1)], seed: 1, CancellationToken.None);
        act(session);
    }
}
