using System.Text.RegularExpressions;
using Differential.Core.Decisions;
using Differential.Core.Numerics;
using Differential.Service.Kinds.Attack;
using Differential.Service.Kinds.Compare;

namespace Differential.Service.Tests.Runs;

/// <summary>What each kind's report has, in which order, and what it must not have.</summary>
public class ReportStructureTests
{
    private const string Attacks = """ "attacks":[{"kind":"pgd","norm":"l2","epsilons":[0.25,1],"steps":5},{"kind":"fgsm","epsilons":["4/255"]},{"kind":"deepFool","steps":10}] """;

    [Fact]
    public void Compare_OfImages_HasTheVerdictFirstAndPictures()
    {
        using var folder = new TestFolder();
        string html = Report(folder, """{"kind":"compare","data":{"kind":"shapes","count":60,"size":8,"noise":0.6},"model":{"kind":"small"},"epochs":2,"batchSize":16,"seeds":[1,2],"limit":8,"checkSamples":4,"certify":{"methods":["lipschitz"]},""" + Attacks + ""","split":["test"]}""");

        string[] headings = Headings(html);
        Assert.Equal(
            ["Flip rate against budget, test samples", "Adversarial examples", "Flip rates at equal accuracy", "Classes", "Margins from both sides", "Does the theorem matter here?", "Checks of the evaluation", "Training", "Margins", "The job"],
            headings);
        Assert.True(html.IndexOf("verdict", html.IndexOf("<main>", StringComparison.Ordinal), StringComparison.Ordinal) < html.IndexOf("<table", StringComparison.Ordinal));
        Assert.Matches("of all test samples correctly", html);
        Assert.Contains("<h3>Differences at ", html, StringComparison.Ordinal);
        Assert.Matches("points more than", html);
        Assert.Matches("<dt>version</dt><dd>[0-9.]+", html);
        Assert.Matches("<img src=\"data:image/png;base64,", html);
        Assert.Contains("change × ", System.Net.WebUtility.HtmlDecode(html), StringComparison.Ordinal);

        // Rates and distances in tables of their own, budgets as written, epochs as whole numbers.
        Assert.DoesNotContain("0.0156862", html, StringComparison.Ordinal);
        Assert.Contains("\"4/255\"", System.Net.WebUtility.HtmlDecode(html), StringComparison.Ordinal);
        Assert.Contains("<h3>Flip rates</h3>", html, StringComparison.Ordinal);
        Assert.Contains("<h3>Median distances of the smallest flips</h3>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("median distance</td>", html, StringComparison.Ordinal);
        Assert.Contains("class=\"band s0\"", html, StringComparison.Ordinal);
        Fits(html);
    }

    [Fact]
    public void Compare_OfPointsInThePlane_DrawsIt()
    {
        using var folder = new TestFolder();
        folder.Write("p.csv", string.Concat(Enumerable.Range(0, 40).Select(static i => FormattableString.Invariant($"{(i % 2 == 0 ? 1 : -1)},{(i % 2 == 0 ? 1 : -1) + (0.1 * (i % 7))},{0.3 * (i % 5)}\n"))));
        string html = Report(folder, """{"kind":"compare","data":{"kind":"points","path":"p.csv"},"model":{"kind":"linear"},"epochs":5,"batchSize":10,"checks":false,""" + Attacks + ""","split":["train"]}""".Replace("\"4/255\"", "0.1", StringComparison.Ordinal));

        Assert.Contains("The plane", Headings(html));
        Assert.Equal(2, Regex.Count(html, "<svg class=\"plane\""));
        Assert.Contains("class=\"contour\"", html, StringComparison.Ordinal);
        Assert.Contains("class=\"contour dash\"", html, StringComparison.Ordinal);
        Assert.Contains("class=\"move\"", html, StringComparison.Ordinal);
        Fits(html);
    }

    [Fact]
    public void Compare_ByMinimumNormAttacksAlone_DrawsWhatTheyFound()
    {
        using var folder = new TestFolder();
        folder.Write("p.csv", string.Concat(Enumerable.Range(0, 40).Select(static i => FormattableString.Invariant($"{(i % 2 == 0 ? 1 : -1)},{(i % 2 == 0 ? 1 : -1) + (0.1 * (i % 7))},{0.3 * (i % 5)}\n"))));
        string html = Report(folder, """{"kind":"compare","data":{"kind":"points","path":"p.csv"},"model":{"kind":"linear"},"epochs":5,"batchSize":10,"checks":false,"attacks":[{"kind":"deepFool"},{"kind":"fmn","norm":"l1"}],"split":["train"]}""");

        // A curve has a point for each distance, from 0: no single point on an axis of its own making.
        string section = html[html.IndexOf("Flip rate against budget", StringComparison.Ordinal)..];
        string[] curves = [.. Regex.Matches(section[..section.IndexOf("<h2", StringComparison.Ordinal)], "<path class=\"line [^\"]*\" d=\"([^\"]*)\"").Select(static path => path.Groups[1].Value)];
        Assert.NotEmpty(curves);
        Assert.All(curves, static curve => Assert.True(curve.Count(static c => c == 'L') > 4, curve));
    }

    [Fact]
    public void Train_OfThreeClasses_HasItsConfusionMatrix()
    {
        using var folder = new TestFolder();
        string html = Report(folder, """{"kind":"train","data":{"kind":"shapes","count":60,"size":8,"classes":3},"model":{"kind":"linear"},"epochs":2,"batchSize":16}""");

        Assert.Equal(["Training", "Classes", "Margins", "The job"], Headings(html));
        Assert.Equal(2, Regex.Count(html, "class=\"card matrix\""));
        Assert.Contains("says nothing of how easily it is fooled", html, StringComparison.Ordinal);
        Fits(html);
    }

    [Fact]
    public void Theory_Chart_HasItsReferenceLines()
    {
        using var folder = new TestFolder();
        string html = Report(folder, """{"kind":"theory","seed":12345,"data":{"kind":"affine"},"iterations":300}""");

        Assert.Contains("55.2 % of the largest margin γ = 0.62", System.Net.WebUtility.HtmlDecode(html), StringComparison.Ordinal);
        Assert.Equal(3, Regex.Count(html, "class=\"reference\""));
        Fits(html);
    }

    [Fact]
    public void Sweep_Table_LeadsToTheJobsAndMarksTheBest()
    {
        using var folder = new TestFolder();
        string html = Report(folder, """{"kind":"sweep","job":{"kind":"train","data":{"kind":"shapes","count":40,"size":8},"model":{"kind":"linear"},"epochs":1,"batchSize":16},"learningRates":[0.01,0.1]}""");

        foreach (Match link in Regex.Matches(html, "href=\"([^\"]*)\""))
        {
            Assert.True(File.Exists(folder.In($"run/{link.Groups[1].Value}")), link.Value);
        }

        Assert.Equal(2, Regex.Count(html, "href=\"jobs/"));
        Assert.Equal(1, Regex.Count(html, "<tr class=\"best\""));
        Assert.Contains("type=\"radio\"", html, StringComparison.Ordinal);
        Fits(html);
    }

    [Fact]
    public void Verdict_OfTwoNetworks_SaysHowSure()
    {
        RobustLine[] lines =
        [
            Line("b", 0.5, 0.4, new Interval(0.3, 0.45)), Line("a", 0.5, 0.6, new Interval(0.5, 0.7)),
            Line("a", 2, 0.01, new Interval(0, 0.1)), Line("b", 2, 0.02, new Interval(0, 0.1)),
        ];
        IReadOnlyList<RobustLine> telling = RobustVerdict.Telling(lines);
        Assert.Equal(["a", "b"], telling.Select(static line => line.Network));
        Assert.Equal(
            "Within L2 0.5, under every attack of this job, a decides 60.0 % (95 %: 50.0–70.0 %), b decides 40.0 % (95 %: 30.0–45.0 %) of all test samples correctly.",
            RobustVerdict.Sentence(telling));

        // The job has b first: its row says b less a.
        Assert.Equal(
            "a is ahead: it has 20.0 points more than b (95 %: +7.0 to +33.0). Each was trained once: another seed can move such figures by several points.",
            new DifferenceTable(telling, [Difference(0.5, 1, new ShareDifference(-0.2, new Interval(-0.33, -0.07))), Difference(2, 1, new ShareDifference(0.01, new Interval(0, 0.1)))]).Sentence());
        Assert.Equal(
            "a has 20.0 points more than b (95 %: −1.0 to +41.0): the interval holds 0, so this run does not tell which is the more robust. Each was trained with 3 seeds; the interval is over these.",
            new DifferenceTable(telling, [Difference(0.5, 3, new ShareDifference(-0.2, new Interval(-0.41, 0.01)))]).Sentence());
        Assert.Null(new DifferenceTable(RobustVerdict.Telling(lines[..1]), []).Sentence());
        Assert.Empty(RobustVerdict.Telling([]));
        Assert.Contains("no robust accuracy", RobustVerdict.Sentence([]), StringComparison.Ordinal);
    }

    private static NetworkDifference Difference(double epsilon, int seeds, ShareDifference robust) =>
        new("test", AttackNorm.L2, epsilon, "b", "a", seeds, new ShareDifference(0, new Interval(-0.1, 0.1)), robust, null);

    private static RobustLine Line(string network, double epsilon, double robust, Interval interval) =>
        new(network, "test", AttackNorm.L2, epsilon, 0.9, robust, interval, null, 0.1);

    private static string Report(TestFolder folder, string job)
    {
        TestJobs.Run(TestJobs.Parse(job, folder.Path), folder.In("run"));
        return File.ReadAllText(folder.In("run/report.html"));
    }

    private static string[] Headings(string html) => [.. Regex.Matches(html, "<h2>(.*?)</h2>").Select(static match => System.Net.WebUtility.HtmlDecode(match.Groups[1].Value))];

    private static void Fits(string html)
    {
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", html, StringComparison.Ordinal);
        Assert.DoesNotMatch("https?://", html);
        string withoutPictures = Regex.Replace(html, "data:image/png;base64,[^\"]*", string.Empty);
        Assert.InRange(withoutPictures.Length, 5_000, 150_000);
    }
}
