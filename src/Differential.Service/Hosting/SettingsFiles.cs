using System.Globalization;
using System.Text.Json;
using Differential.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;

namespace Differential.Service.Hosting;

/// <summary>The <c>appsettings.json</c> beside the program and the one in the working directory.</summary>
internal static class SettingsFiles
{
    private const string Name = "appsettings.json";

    private const string Allowed = "a readable file with one JSON object";

    /// <summary>Adds both, where they are there.</summary>
    /// <exception cref="InputException">One is unreadable or no JSON object.</exception>
    public static void Add(ConfigurationManager configuration)
    {
        foreach (string folder in ((string[])[AppContext.BaseDirectory, Environment.CurrentDirectory]).Select(Path.TrimEndingDirectorySeparator).Distinct())
        {
            string file = Path.Combine(folder, Name);
            string shown = Shown(file);
            if (Directory.Exists(file))
            {
                throw new InputException(shown, string.Empty, "a folder", Allowed);
            }

            try
            {
                configuration.AddJsonFile(file, optional: true);
            }
            catch (InvalidDataException exception)
            {
                (string place, string found) = Mistake(exception);
                throw new InputException(shown, place, found, Allowed);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new InputException(shown, string.Empty, $"cannot be read ({exception.Message.TrimEnd('.')})", Allowed);
            }
        }
    }

    /// <summary>A file as messages name it.</summary>
    public static string NameOf(JsonConfigurationProvider provider) =>
        Shown(provider.Source.FileProvider?.GetFileInfo(provider.Source.Path!).PhysicalPath ?? provider.Source.Path!);

    private static string Shown(string file) => Path.GetDirectoryName(file) == Path.TrimEndingDirectorySeparator(Environment.CurrentDirectory) ? Name : file;

    private static (string Place, string Found) Mistake(Exception exception)
    {
        Exception innermost = exception.GetBaseException();
        return innermost is JsonException { LineNumber: { } line }
            ? (string.Create(CultureInfo.InvariantCulture, $"line {line + 1}"), "no JSON")
            : (string.Empty, innermost.Message.TrimEnd('.').ReplaceLineEndings(" "));
    }
}
