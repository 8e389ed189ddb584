using System.Diagnostics;
using Differential.Service.Queue;

namespace Differential.Service.Tests.Commands;

/// <summary>What shells offer, and ids that are typed in part.</summary>
public sealed class CompletionTests
{
    private const string Waiting = """{ "kind": "theory", "data": { "kind": "affine" } }""";

    [Theory]
    [InlineData("bash", "complete -o default -F _differential differential")]
    [InlineData("zsh", "compdef _differential differential")]
    [InlineData("pwsh", "Register-ArgumentCompleter -Native -CommandName differential")]
    public async Task Completion_Shell_PrintsItsScript(string shell, string line)
    {
        using var folder = new TestFolder();

        ProgramRun run = await Executable.Run(folder.Path, "completion", shell);

        Assert.Equal((0, string.Empty), (run.Status, run.Error));
        Assert.Contains(line, run.Output, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("stat", "status")]
    [InlineData("run --dev", "--device")]
    [InlineData("completion z", "zsh")]
    [InlineData("status --root service first-", "first-job")]
    public async Task Completion_InBash_OffersWhatFits(string typed, string expected)
    {
        Skip.IfNot(File.Exists("/bin/bash"), "no bash");
        using var folder = new TestFolder();
        new ServiceRoot(folder.In("service")).Create();
        folder.Write("service/incoming/first-job.json", Waiting);
        ProgramRun script = await Executable.Run(folder.Path, "completion", "bash");
        folder.Write("complete.sh", script.Output + """

            COMP_LINE="$1"
            COMP_POINT=${#COMP_LINE}
            read -ra COMP_WORDS <<< "$COMP_LINE"
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _differential
            printf '%s\n' "${COMPREPLY[@]}"
            """);

        using Process bash = Process.Start(new ProcessStartInfo("/bin/bash", ["complete.sh", $"{Executable.Program} {typed}"]) { WorkingDirectory = folder.Path, RedirectStandardOutput = true })!;
        string output = await bash.StandardOutput.ReadToEndAsync();
        await bash.WaitForExitAsync();

        Assert.Equal(expected, output.Trim());
    }

    [Theory]
    [InlineData("arguments: 'statsu': an unknown command or argument (did you mean 'status'?); allowed: demo, ", "statsu")]
    [InlineData("arguments: '--devcie': an unknown option (did you mean '--device'?); allowed: ", "run", "job.json", "--devcie", "simd")]
    [InlineData("arguments: completion: 'fish'; allowed: bash, zsh, pwsh", "completion", "fish")]
    public async Task Program_NameWithATypingMistake_NamesTheNearest(string message, params string[] arguments)
    {
        using var folder = new TestFolder();

        ProgramRun run = await Executable.Run(folder.Path, arguments);

        Assert.Equal(2, run.Status);
        Assert.StartsWith(message, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StatusAndCancel_StartOfAnId_MeanTheOneJobThatHasIt()
    {
        using var folder = new TestFolder();
        new ServiceRoot(folder.In("service")).Create();
        folder.Write("service/incoming/alpha-one.json", Waiting);
        folder.Write("service/incoming/alpha-two.json", Waiting);
        folder.Write("service/incoming/alpha.json", Waiting);

        ProgramRun several = await Executable.Run(folder.Path, "status", "alpha-", "--root", "service");
        ProgramRun whole = await Executable.Run(folder.Path, "status", "alpha", "--root", "service");
        ProgramRun one = await Executable.Run(folder.Path, "cancel", "alpha-t", "--root", "service");
        ProgramRun none = await Executable.Run(folder.Path, "status", "beta", "--root", "service");

        Assert.Equal((2, 0, 0, 2), (several.Status, whole.Status, one.Status, none.Status));
        Assert.Contains("the start of 2 ids (alpha-one, alpha-two); allowed: ", several.Error, StringComparison.Ordinal);
        Assert.StartsWith("alpha  queued", whole.Output, StringComparison.Ordinal);
        Assert.Equal("alpha-two: cancelled", one.Output.Trim());
        Assert.Contains("beta: no such job", none.Error, StringComparison.Ordinal);
    }
}
