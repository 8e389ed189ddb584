using System.Text;
using CsCheck;
using Differential.Core;
using Differential.Core.Data;
using Differential.Service.Jobs.Reading;

namespace Differential.Service.Tests.Jobs;

public class BadJobTests
{
    private static readonly (string Name, string Content, string Message)[] All =
        [.. BadSyntax.Cases, .. BadFields.Cases, .. BadValues.Cases, .. BadAttacks.Cases, .. BadChoices.Cases];

    public static TheoryData<string> Names => [.. All.Select(c => c.Name)];

    public static TheoryData<string, byte[], string> Encodings => new()
    {
        { "Utf16", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("{}")], "file: text in UTF-16 or UTF-32, or no text; allowed: JSON in UTF-8, comments and trailing commas allowed" },
        { "Utf16BigEndian", [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes("{}")], "file: text in UTF-16 or UTF-32, or no text; allowed: JSON in UTF-8, comments and trailing commas allowed" },
        { "Utf16WithoutMark", Encoding.Unicode.GetBytes("{}"), "file: text in UTF-16 or UTF-32, or no text; allowed: JSON in UTF-8, comments and trailing commas allowed" },
        { "Utf32", Encoding.UTF32.GetBytes("{}"), "file: text in UTF-16 or UTF-32, or no text; allowed: JSON in UTF-8, comments and trailing commas allowed" },
        { "Latin1", Encoding.Latin1.GetBytes("{\"kind\":\n \"trän\"}"), "line 2, column 5: the byte 0xE4, which is not UTF-8; allowed: JSON in UTF-8, comments and trailing commas allowed" },
        { "CutCharacter", [(byte)'"', 0xE2, 0x82], "line 1, column 2: the byte 0xE2, which is not UTF-8; allowed: JSON in UTF-8, comments and trailing commas allowed" },
        { "Mark", [0xEF, 0xBB, 0xBF], "file: empty; allowed: JSON in UTF-8, comments and trailing commas allowed" },
        { "TooLarge", Encoding.UTF8.GetBytes("\"" + new string('x', 1 << 20) + "\""), "file: more than 1048576 bytes; allowed: a job file of at most 1048576 bytes" },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Parse_BadJob_SaysWhatAndWhere(string name)
    {
        (_, string content, string message) = All.Single(c => c.Name == name);

        Assert.Equal("job.json: " + message, Message(Encoding.UTF8.GetBytes(content)));
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Parse_WrongEncoding_SaysSo(string name, byte[] content, string message)
    {
        Assert.NotEmpty(name);
        Assert.Equal("job.json: " + message, Message(content));
    }

    [Fact]
    public void Table_HasSixtyCasesAndMore() => Assert.True(All.Length >= 60 && All.Select(c => c.Name).Distinct().Count() == All.Length);

    [Fact]
    public void Read_MissingFile_SaysSo()
    {
        InputException exception = Assert.Throws<InputException>(() => JobReader.Read("nowhere/job.json"));

        Assert.Equal("nowhere/job.json: file: no such file; allowed: an existing job file", exception.Message);
    }

    [Fact]
    public void Read_Folder_SaysSo()
    {
        using var folder = new TestFolder();

        InputException exception = Assert.Throws<InputException>(() => JobReader.Read(folder.Path));

        Assert.Equal($"{folder.Path}: file: a folder; allowed: a job file", exception.Message);
    }

    [Fact]
    public void Parse_PathOutOfAllowedRoots_IsRefused()
    {
        using var folder = new TestFolder();
        byte[] content = Encoding.UTF8.GetBytes("""{"kind":"train","data":{"kind":"points","path":"../outside.csv"}}""");

        InputException exception = Assert.Throws<InputException>(
            () => JobReader.Parse(content, "job.json", new PathPolicy(folder.Path, [folder.Path])));

        Assert.Equal("$.data.path", exception.Place);
    }

    [Fact]
    public void Check_SeveralMistakes_AllAreListedInTheFilesOrder()
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder.In("job.json"), """{"kind":"train","data":{"kind":"shapes","count":4,"sise":8},"epochs":0,"loss":{"kind":"hing"}}""");

        Assert.Null(JobReader.Check(folder.In("job.json"), out IReadOnlyList<InputException> mistakes));
        Assert.Equal(["$.data.count", "$.data.sise", "$.epochs", "$.loss.kind"], mistakes.Select(m => m.Place));
        Assert.Equal(mistakes[0].Message, Assert.Throws<InputException>(() => JobReader.Read(folder.In("job.json"))).Message);
    }

    [Fact]
    public void Check_SeveralRulesBroken_AllAreListed()
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder.In("job.json"), """
            {"kind":"compare","data":{"kind":"points","path":"p.csv"},"model":{"kind":"cnn"},"seeds":[1,1],
             "losses":[{"kind":"hinge"},{"kind":"hinge"}],"attacks":[{"kind":"deepFool"}]}
            """);

        Assert.Null(JobReader.Check(folder.In("job.json"), out IReadOnlyList<InputException> mistakes));
        Assert.Equal(["$.seeds[1]", "$.losses[1]", "$.model.kind"], mistakes.Select(m => m.Place).Distinct());
    }

    // A mistake of any kind hides none of another kind: fields, their values, and the budgets that do not go with the data.
    [Fact]
    public void Check_AnyListOfAttacks_ListsEachMistake()
    {
        (string Attack, string? Place)[] attacks =
        [
            ("""{"kind":"pgd","norm":"linf","epsilons":["8/255"]}""", null),
            ("""{"kind":"suite","norm":"l2","epsilons":[8]}""", null),
            ("""{"kind":"pgd","norm":"linf","epsilons":[0.1,8]}""", ".epsilons[1]"),
            ("""{"kind":"suite","norm":"linf","epsilons":[2]}""", ".epsilons[0]"),
            ("""{"kind":"carliniWagner","norm":"linf"}""", ".norm"),
            ("""{"kind":"pgd","norm":"l2","epsilons":["-1/-2"]}""", ".epsilons[0]"),
            ("""{"kind":"fmn","stepz":1}""", ".stepz"),
            ("""{"kind":"deepfool"}""", ".kind"),
        ];
        Gen.Int[0, attacks.Length - 1].Array[1, 12].Sample(
            chosen =>
            {
                string list = string.Join(',', chosen.Select(i => attacks[i].Attack));
                byte[] content = Encoding.UTF8.GetBytes($$"""{"kind":"attack","model":"m","data":{"kind":"shapes"},"attacks":[{{list}}]}""");
                using var folder = new TestFolder();
                File.WriteAllBytes(folder.In("job.json"), content);
                bool isRight = JobReader.Check(folder.In("job.json"), out IReadOnlyList<InputException> mistakes) is not null;
                string[] expected = [.. chosen.Select((i, place) => attacks[i].Place is { } field ? $"$.attacks[{place}]{field}" : null).OfType<string>()];
                Assert.Equal(expected.Length == 0, isRight);
                Assert.Equal(expected.Order(StringComparer.Ordinal), mistakes.Select(m => m.Place).Order(StringComparer.Ordinal));
            },
            iter: 200);
    }

    [Fact]
    public void Check_DataWithAMistakeBesideOneOfAnother_ListsBoth()
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder.In("job.json"), """{"kind":"train","data":{"kind":"shapes","classCounts":{"square":4},"imbalance":2},"epochs":0}""");

        Assert.Null(JobReader.Check(folder.In("job.json"), out IReadOnlyList<InputException> mistakes));
        Assert.Equal("$.epochs", mistakes[0].Place);
        Assert.StartsWith("$.data.", Assert.Single(mistakes.Skip(1)).Place, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.5", false)]
    [InlineData("\"8/255\"", false)]
    [InlineData("0.6", true)]
    [InlineData("1", true)]
    public void Parse_BudgetBeyondTheMiddleOfTheBox_Warns(string epsilon, bool warns)
    {
        JobFile job = JobReader.Parse(
            Encoding.UTF8.GetBytes($$"""{"kind":"attack","model":"m","data":{"kind":"shapes"},"attacks":[{"kind":"pgd","norm":"linf","epsilons":[{{epsilon}}]}]}"""),
            "job.json",
            new PathPolicy("/"));

        Assert.Equal(warns, job.Warnings!.Any(w => w.StartsWith("job.json: $.attacks[0].epsilons[0]: warning: ", StringComparison.Ordinal) && w.Contains("did you mean", StringComparison.Ordinal)));
    }

    private static string Message(byte[] content) =>
        Assert.Throws<InputException>(() => JobReader.Parse(content, "job.json", new PathPolicy(Path.GetTempPath()))).Message;
}
