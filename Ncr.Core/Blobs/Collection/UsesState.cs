using System.Globalization;
using System.Text;
using Ncr.Core.Backups;
using Ncr.Core.Hosting;

namespace Ncr.Core.Blobs.Collection;

/// <summary>
/// A file that tells the next start how the last one ended. While a server runs it says so; a clean stop, which has written all uses, takes it away
/// or leaves the time until which everything was held. Found otherwise, uses were lost.
/// </summary>
internal sealed class UsesState(DataFolder folder)
{
    private const string Running = "running";

    /// <summary>Until when everything must be held.</summary>
    /// <param name="now">From when to count the grace time after an end that was not clean.</param>
    /// <returns>Null when nothing was lost.</returns>
    public DateTime? Read(DateTime now, TimeSpan grace)
    {
        try
        {
            // A time further ahead than any hold comes from a clock that was wrong.
            return DateTime.TryParse(File.ReadAllText(folder.UsesState).Trim(), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var until) && until < now + grace ? until : now + grace;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return now + grace;
        }
    }

    /// <returns>False when it can't be written now, on a full disk for instance.</returns>
    public bool TryBegin() => TryWrite(Running);

    /// <summary>All uses are written. Should this fail, the next start holds for longer than it must.</summary>
    /// <param name="heldUntil">What still holds; null for nothing.</param>
    public void End(DateTime? heldUntil)
    {
        if (heldUntil is { } until)
        {
            TryWrite(until.ToString("O", CultureInfo.InvariantCulture));
            return;
        }

        try
        {
            File.Delete(folder.UsesState);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It stays.
        }
    }

    private bool TryWrite(string text)
    {
        try
        {
            DurableFile.Write(folder.UsesState, Encoding.UTF8.GetBytes(text + "\n"));
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
