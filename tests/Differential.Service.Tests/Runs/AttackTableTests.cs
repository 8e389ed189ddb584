using System.Text.Json.Serialization;
using Differential.Core;
using Differential.Core.Attacks;
using Differential.Service.Jobs.Reading;

namespace Differential.Service.Tests.Runs;

/// <summary>What a job file may ask of an attack, the attack can do: nothing is refused only once the data are read.</summary>
public sealed class AttackTableTests : IClassFixture<AttackTableTests.TrainedPoints>
{
    private const string Points = "1,1,2\n1,2,1\n1,2,2\n-1,-1,-2\n-1,-2,-1\n-1,-2,-2\n";

    private readonly TrainedPoints _points;

    public AttackTableTests(TrainedPoints points) => _points = points;

    public static TheoryData<string, string, string> Attacks
    {
        get
        {
            var table = new TheoryData<string, string, string>();
            foreach (JsonDerivedTypeAttribute kind in typeof(AttackOptions).GetCustomAttributes(typeof(JsonDerivedTypeAttribute), false).Cast<JsonDerivedTypeAttribute>())
            {
                string budgets = typeof(FixedBudgetOptions).IsAssignableFrom(kind.DerivedType) ? ",\"epsilons\":[0,2.5]" : string.Empty;
                foreach (string norm in (string[])["l2", "linf"])
                {
                    foreach (string option in (string[])["", ",\"rounded\":true", ",\"targets\":0"])
                    {
                        table.Add((string)kind.TypeDiscriminator!, norm, budgets + option);
                    }
                }
            }

            return table;
        }
    }

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Attack_ThatReadingAccepts_Runs(string kind, string norm, string options)
    {
        string text = $$"""{"kind":"attack","model":"train/model.safetensors","data":{"kind":"points","path":"p.csv"},"certify":{"methods":[]},"attacks":[{"kind":"{{kind}}","norm":"{{norm}}"{{options}}}]}""";
        JobFile job;
        try
        {
            job = TestJobs.Parse(text, _points.Folder.Path);
        }
        catch (InputException refusal)
        {
            Assert.StartsWith("$.attacks[0].", refusal.Place, StringComparison.Ordinal);
            return;
        }

        TestJobs.Run(job, _points.Folder.In($"{kind}-{norm}-{options.Length}"));
    }

    /// <summary>A folder with points and a linear network that tells them apart.</summary>
    public sealed class TrainedPoints : IDisposable
    {
        public TrainedPoints()
        {
            File.WriteAllText(Folder.In("p.csv"), Points);
            TestJobs.Run(TestJobs.Parse("""{"kind":"train","data":{"kind":"points","path":"p.csv"},"loss":{"kind":"crossEntropy"},"epochs":20,"batchSize":6}""", Folder.Path), Folder.In("train"));
        }

        internal TestFolder Folder { get; } = new();

        public void Dispose() => Folder.Dispose();
    }
}
