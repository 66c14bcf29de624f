using System.Globalization;
using System.Text;
using Ncr.Core.Errors;
using Ncr.Core.Hosting;

namespace Ncr.Core.Backups;

/// <summary>
/// A running backup's word to the collector, in the file <c>backup.lease</c> of the data folder, since the two are different processes:
/// while it is held no content file is deleted, so that everything that the copied database names can still be copied. It says until when it
/// holds and is written again and again; one that a killed backup left runs out by itself.
/// </summary>
/// <remarks>
/// The collector has to read its list of discarded content first, then ask <see cref="IsHeld"/>, then delete. What is on such a list lost its row
/// before a lease that is taken later, so no database that is copied under that lease names it.
/// </remarks>
public sealed class BackupLease : IAsyncDisposable
{
    /// <summary>How long a lease that nobody renews still counts.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(10);
    private readonly FileStream _file;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _stop = new();
    private long _untilTicks; // UTC; renewed on another thread than it is asked on.
    private bool _lost;
    private Task _renewing = Task.CompletedTask;

    private BackupLease(FileStream file, TimeProvider clock)
    {
        _file = file;
        _clock = clock;
    }

    /// <summary>Whether content files must stay for now. When it can't be told, they must (rule C6).</summary>
    /// <param name="clock">The system's when null.</param>
    public static bool IsHeld(DataFolder folder, TimeProvider? clock = null)
    {
        clock ??= TimeProvider.System;
        var path = folder.BackupLease;
        try
        {
            // Fails while the other process has the file locked: then it is alive, if perhaps asleep.
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(file);
            var until = reader.ReadLine();
            var now = clock.GetUtcNow();
            return DateTimeOffset.TryParse(until, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
                ? now < time && time <= now + (2 * Lifetime) // Further ahead was written by a clock that was wrong.
                : now < File.GetLastWriteTimeUtc(path) + Lifetime; // Just being made.
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    /// <summary>Takes the lease and keeps it until it is disposed or the process ends.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.Conflict"/>: another backup of this folder is running. <see cref="NcrError.Unavailable"/>: the folder can't be written.</exception>
    public static async Task<BackupLease> TakeAsync(DataFolder folder, TimeProvider clock, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                // The lock on the file keeps a second backup out; the server's question holds it for a moment too.
                var lease = new BackupLease(new FileStream(folder.BackupLease, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1), clock);
                lease.Write(Lifetime);
                lease._renewing = lease.RenewAsync();
                return lease;
            }
            catch (UnauthorizedAccessException) when (attempt == 1 && !IsHeld(folder, clock))
            {
                TryDelete(folder.BackupLease); // Another user's, and done with.
            }
            catch (UnauthorizedAccessException exception)
            {
                throw new NcrException(NcrError.Unavailable, $"The backup can't tell the server that it is running: {exception.Message} Run it as the user that the server runs as.");
            }
            catch (IOException exception) when (attempt >= 20)
            {
                throw new NcrException(NcrError.Conflict, $"Another backup of '{folder.Root}' is running; wait for it to end. ({exception.Message})");
            }
            catch (IOException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), CancellationToken.None);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>Checks that it never ran out, as it does when the machine or the process slept for long.</summary>
    /// <exception cref="NcrException"><see cref="NcrError.Unavailable"/>: content may have been deleted meanwhile.</exception>
    public void RequireKept()
    {
        if (Volatile.Read(ref _lost) || HasRunOut)
        {
            throw new NcrException(NcrError.Unavailable, "The backup stood still for minutes and the server may have deleted content meanwhile. Run it again; what was copied is kept.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _renewing;
        _stop.Dispose();
        try
        {
            Write(-Lifetime);
        }
        catch (IOException)
        {
            // It runs out by itself.
        }

        await _file.DisposeAsync();
    }

    private bool HasRunOut => _clock.GetUtcNow().UtcTicks > Volatile.Read(ref _untilTicks);

    private async Task RenewAsync()
    {
        using var timer = new PeriodicTimer(RenewEvery, _clock);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                if (HasRunOut)
                {
                    Volatile.Write(ref _lost, true);
                }

                Write(Lifetime);
            }
        }
        catch (OperationCanceledException)
        {
            // The end of it.
        }
        catch (IOException)
        {
            // Not renewed, it runs out, and RequireKept says so.
        }
    }

    private void Write(TimeSpan lifetime)
    {
        var until = _clock.GetUtcNow() + lifetime;
        RandomAccess.Write(_file.SafeFileHandle, Encoding.ASCII.GetBytes($"{until.UtcDateTime:O}\n"), 0); // Always of one length.
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_file.SafeFileHandle, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }

        Volatile.Write(ref _untilTicks, until.UtcTicks);
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next attempt says what is wrong.
        }
    }
}
