using System.CommandLine;
using Differential.Service.Hosting;

namespace Differential.Service.Commands;

/// <summary><c>differential completion</c>: a script that makes a shell complete the program's commands, options, ids and files.</summary>
internal static class CompletionCommand
{
    // Each asks the program itself: [suggest:POSITION] "LINE" prints what may stand at the position of the line.
    private static readonly Dictionary<string, string> Scripts = new(StringComparer.Ordinal)
    {
        ["bash"] = """
            # Completion of differential for bash; load it with:  source <(differential completion bash)
            _differential() {
                local word="${COMP_WORDS[COMP_CWORD]}" found line
                COMPREPLY=()
                found=$("${COMP_WORDS[0]}" "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null) || return 0
                while IFS= read -r line; do
                    [[ -n "$line" && "$line" == "$word"* ]] && COMPREPLY+=("$line")
                done <<< "$found"
            }
            complete -o default -F _differential differential
            """,
        ["zsh"] = """
            #compdef differential
            # Completion of differential for zsh; load it with:  source <(differential completion zsh)
            _differential() {
                local -a found
                found=("${(@f)$("${words[1]}" "[suggest:${#BUFFER}]" "${BUFFER}" 2>/dev/null)}")
                found=("${(@)found:#}")
                if (( ${#found} )); then
                    compadd -- "${found[@]}"
                fi
                _files
            }
            compdef _differential differential
            """,
        ["pwsh"] = """
            # Completion of differential for PowerShell; load it with:  differential completion pwsh | Out-String | Invoke-Expression
            Register-ArgumentCompleter -Native -CommandName differential -ScriptBlock {
                param($wordToComplete, $commandAst, $cursorPosition)
                & $commandAst.CommandElements[0].ToString() "[suggest:$cursorPosition]" "$commandAst" 2>$null |
                    Where-Object { $_ -like "$wordToComplete*" } |
                    ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
            }
            """,
    };

    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or pwsh." };
        shell.CompletionSources.Add([.. Scripts.Keys]);
        shell.Validators.Add(static result =>
        {
            if (result.Tokens.Count == 1 && !Scripts.ContainsKey(result.Tokens[0].Value))
            {
                result.AddError($"'{result.Tokens[0].Value}'; allowed: {string.Join(", ", Scripts.Keys)}");
            }
        });
        var command = new Command("completion", "Prints a script that makes a shell complete commands, options, jobs and files.") { shell };
        command.SetAction(parsed =>
        {
            Console.Out.WriteLine(Scripts[parsed.GetValue(shell)!]);
            return ExitCode.Done;
        });
        return command;
    }
}
