using Ncr.Core.Backups;
using Ncr.Core.Errors;
using Ncr.Core.Hosting;

namespace Ncr.Tests.Commands;

public sealed class BackupLeaseTests : IDisposable
{
    private readonly TemporaryFolder _root = new();
    private readonly DataFolder _folder;

    public BackupLeaseTests() => _folder = DataFolder.Open(_root.Path);

    public void Dispose()
    {
        _folder.Dispose();
        _root.Dispose();
    }

    [Fact]
    public async Task IsHeld_IsTrueWhileABackupRuns_AndFalseAtOnceAfterIt()
    {
        Assert.False(BackupLease.IsHeld(_folder));
        await using (await BackupLease.TakeAsync(_folder, TimeProvider.System, CancellationToken.None))
        {
            Assert.True(BackupLease.IsHeld(_folder));
        }

        Assert.False(BackupLease.IsHeld(_folder));
        await using var again = await BackupLease.TakeAsync(_folder, TimeProvider.System, CancellationToken.None);
        Assert.True(BackupLease.IsHeld(_folder));
    }

    [Fact]
    public async Task Take_WhileAnotherHoldsIt_IsRefused()
    {
        await using var lease = await BackupLease.TakeAsync(_folder, TimeProvider.System, CancellationToken.None);

        var exception = await Assert.ThrowsAsync<NcrException>(() => BackupLease.TakeAsync(_folder, TimeProvider.System, CancellationToken.None));

        Assert.Contains("Another backup", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, true)] // Its backup was killed a minute ago.
    [InlineData(-1, false)]
    [InlineData(60, false)] // No backup writes that far ahead: the clock was wrong.
    public void IsHeld_WithALeaseThatNobodyHasOpen_FollowsItsTime(int minutesFromNow, bool expected)
    {
        File.WriteAllText(_folder.BackupLease, $"{TimeProvider.System.GetUtcNow().AddMinutes(minutesFromNow).UtcDateTime:O}\n");

        Assert.Equal(expected, BackupLease.IsHeld(_folder));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(-10, false)]
    public void IsHeld_WithALeaseThatSaysNothing_FollowsTheFilesAge(int minutesAgo, bool expected)
    {
        File.WriteAllText(_folder.BackupLease, "");
        File.SetLastWriteTimeUtc(_folder.BackupLease, TimeProvider.System.GetUtcNow().AddMinutes(minutesAgo).UtcDateTime);

        Assert.Equal(expected, BackupLease.IsHeld(_folder));
    }
}
