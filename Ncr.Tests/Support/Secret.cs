using System.Text;

namespace Ncr.Tests.Support;

/// <summary>Something that must not be found anywhere, and how it would look there.</summary>
internal sealed class Secret
{
    private const int Most = 48;

    private readonly string[] _needles;

    /// <param name="name">For messages.</param>
    /// <param name="value">Of characters that are the same in an address, a form, a page and JSON; of a long one a part is looked for.</param>
    public Secret(string name, string value)
    {
        Assert.True(value.Length >= 16 && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'), $"'{value}' can't be looked for.");
        Name = name;
        var part = value.Length <= Most ? value : value.Substring((value.Length - Most) / 2, Most);
        var bytes = Encoding.ASCII.GetBytes(part);

        // Base64 has three forms of a text, by where it begins in what is encoded.
        _needles = [part, .. Enumerable.Range(0, 3).Select(skip => Convert.ToBase64String(bytes, skip, (bytes.Length - skip) / 3 * 3))];
    }

    public string Name { get; }

    public static string New() => $"hush{Guid.NewGuid():n}";

    public bool IsIn(string text) => _needles.Any(n => text.Contains(n, StringComparison.OrdinalIgnoreCase));
}
