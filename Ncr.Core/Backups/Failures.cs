using Microsoft.Data.Sqlite;
using Ncr.Core.Errors;

namespace Ncr.Core.Backups;

/// <summary>What disks and databases do wrong, in words for the person at the command line.</summary>
internal static class Failures
{
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;
    private const int SqliteFull = 13;

    public static bool IsDiskFull(Exception exception) => exception switch
    {
        IOException io => io.HResult is NoSpace or QuotaExceeded or unchecked((int)0x80070070),
        SqliteException sqlite => sqlite.SqliteErrorCode == SqliteFull,
        _ => false,
    };

    /// <summary>Bytes that this user may still write to the disk of a folder; null when that can't be told.</summary>
    public static long? FindFreeSpace(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <exception cref="NcrException"><see cref="NcrError.StorageFull"/>: there is less room than <paramref name="needed"/> bytes.</exception>
    public static void RequireSpace(string folder, long needed, string what, string consequence)
    {
        if (FindFreeSpace(folder) is { } free && free < needed)
        {
            throw new NcrException(NcrError.StorageFull, $"The disk of '{folder}' has {Megabytes(free)} MB free, but {what} needs {Megabytes(needed)} MB. {consequence}");
        }
    }

    /// <summary>Runs <paramref name="work"/>; the failures of disk and database come out as an <see cref="NcrException"/>.</summary>
    /// <param name="consequence">What holds now, for the person to know.</param>
    public static async Task<T> ExplainAsync<T>(string folder, string consequence, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception exception) when (IsDiskFull(exception))
        {
            throw new NcrException(NcrError.StorageFull, $"The disk of '{folder}' is full. {consequence}");
        }
        catch (SqliteException exception)
        {
            throw new NcrException(NcrError.Invalid, $"The database can't be read: {exception.Message} {consequence}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new NcrException(NcrError.Unavailable, $"{exception.Message} {consequence}");
        }
    }

    private static string Megabytes(long bytes) => (bytes / 1e6).ToString("0.0", System.Globalization.CultureInfo.InvariantCulture);
}
