namespace Ncr.Core.Images.Documents;

/// <summary>Words of a command as a shell would be given them.</summary>
public static class CommandText
{
    private const string Plain = "-_./:=@%+,";

    public static string Join(IReadOnlyList<string> words) => string.Join(' ', words.Select(Quote));

    private static string Quote(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || Plain.Contains(c, StringComparison.Ordinal)) ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
