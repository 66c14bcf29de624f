using System.Buffers;
using System.Globalization;
using System.Text;
using Ncr.Core.Audit;
using Ncr.Web.Components.Pages.Audit;

namespace Ncr.Web.Downloads;

/// <summary>Comma-separated values (RFC 4180) for spreadsheets.</summary>
internal sealed class CsvFormat : IAuditFormat
{
    private static readonly SearchValues<char> Quoted = SearchValues.Create("\",\r\n");

    /// <summary>What makes a spreadsheet take a cell for a formula.</summary>
    private static readonly SearchValues<char> Formula = SearchValues.Create("=+-@\t\r");

    public void Begin(IBufferWriter<byte> file)
    {
        file.Write(Encoding.UTF8.Preamble); // Without it spreadsheets take the file for another encoding.
        Write(file, ["Time (UTC)", "Who", "From", "Event", "Meaning", "Registry", "Image", "Tag", "Digest", "Details", "Id"]);
    }

    public void Write(IBufferWriter<byte> file, AuditRow row) => Write(
        file,
        [
            row.At.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture), row.Actor, row.Address, row.Type, AuditWords.MeaningOf(row.Type), row.Registry, row.Image, row.Tag, row.Digest,
            row.Details, row.Id.ToString(CultureInfo.InvariantCulture),
        ]);

    private static void Write(IBufferWriter<byte> file, ReadOnlySpan<string?> cells)
    {
        var line = new StringBuilder();
        for (var i = 0; i < cells.Length; i++)
        {
            line.Append(i == 0 ? "" : ",").Append(Cell(cells[i]));
        }

        Encoding.UTF8.GetBytes(line.Append("\r\n").ToString(), file);
    }

    internal static string Cell(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "";
        }

        var harmless = Formula.Contains(text[0]) ? "'" + text : text;
        return harmless.AsSpan().ContainsAny(Quoted) ? $"\"{harmless.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : harmless;
    }
}
