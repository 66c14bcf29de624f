using System.Text.Json;

namespace Ncr.Core.Images.Documents;

/// <summary>A step that made an image (image-spec, config.md, <c>history</c>).</summary>
/// <param name="IsEmpty">Whether it made no layer.</param>
public sealed record HistoryLine(string? CreatedBy, string? Comment, DateTime? Created, bool IsEmpty)
{
    private const string ShellNop = "/bin/sh -c #(nop) ";
    private const string Shell = "/bin/sh -c ";

    /// <summary>As a Dockerfile has it, as far as that can be told.</summary>
    public string Text
    {
        get
        {
            var text = string.IsNullOrWhiteSpace(CreatedBy) ? Comment ?? "" : CreatedBy;
            return (text.StartsWith(ShellNop, StringComparison.Ordinal) ? text[ShellNop.Length..]
                : text.StartsWith(Shell, StringComparison.Ordinal) ? "RUN " + text[Shell.Length..]
                : text).Trim();
        }
    }

    internal static HistoryLine Read(JsonElement line) => new(
        JsonRead.Text(line, "created_by"),
        JsonRead.Text(line, "comment"),
        JsonRead.Time(line, "created"),
        line.ValueKind == JsonValueKind.Object && line.TryGetProperty("empty_layer", out var empty) && empty.ValueKind == JsonValueKind.True);
}
