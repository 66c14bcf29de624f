namespace Ncr.Web.Commands;

/// <summary>Takes the command line apart before commands are looked for: whose first word is no command starts the server, as ever.</summary>
internal static class Arguments
{
    private static readonly string[] HelpWords = ["--help", "-h", "-?", "/?"];
    private static readonly string[] SettingSections = ["Ncr:", "Logging:"];

    /// <summary>Whether it is for the server, with or without its verb.</summary>
    public static bool IsForServer(string[] args) =>
        !args.Any(a => HelpWords.Contains(a))
        && (args is [] || args[0] == ServeCommand.Name || (args[0] != "--version" && (args[0][..Math.Min(1, args[0].Length)] is "-" or "/" or "" || args[0].Contains('=', StringComparison.Ordinal))));

    /// <summary>What the server gets: all as it is, without the verb, and with <c>--data</c> as the setting that it is short for.</summary>
    public static string[] ForServer(string[] args) =>
    [
        .. args.Skip(args is [ServeCommand.Name, ..] ? 1 : 0).Select(a =>
            a == CommonOptions.DataName ? "--Ncr:DataPath"
            : a.StartsWith(CommonOptions.DataName + "=", StringComparison.Ordinal) ? $"--Ncr:DataPath={a[(CommonOptions.DataName.Length + 1)..]}"
            : a),
    ];

    /// <summary>A command behind options would be passed over and the server start instead; null when there is none.</summary>
    public static string? FindMisplacedCommand(string[] args, IEnumerable<string> commands)
    {
        for (var i = 1; i < args.Length; i++)
        {
            var isValue = args[i - 1].StartsWith('-') && !args[i - 1].Contains('=', StringComparison.Ordinal);
            if (!isValue && commands.Contains(args[i]))
            {
                return args[i];
            }
        }

        return null;
    }

    /// <summary>Settings such as <c>--Ncr:DataPath=/x</c>, which any command takes, and the rest.</summary>
    public static (string[] Settings, string[] Words) Split(string[] args)
    {
        var (settings, rest) = (new List<string>(), new List<string>());
        for (var i = 0; i < args.Length; i++)
        {
            var name = args[i].StartsWith("--", StringComparison.Ordinal) ? args[i][2..] : args[i].StartsWith('/') ? args[i][1..] : "";
            if (!SettingSections.Any(s => name.StartsWith(s, StringComparison.OrdinalIgnoreCase)))
            {
                rest.Add(args[i]);
                continue;
            }

            settings.Add(args[i]);
            if (!name.Contains('=', StringComparison.Ordinal) && i + 1 < args.Length)
            {
                settings.Add(args[++i]);
            }
        }

        return ([.. settings], [.. rest]);
    }
}
