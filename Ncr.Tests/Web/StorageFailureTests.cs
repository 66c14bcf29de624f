using Bunit;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using Ncr.Core.Errors;
using Ncr.Web.Components.Layout;
using Ncr.Web.Components.Shared;

namespace Ncr.Tests.Web;

/// <summary>A page whose storage fails says what is wrong.</summary>
public sealed class StorageFailureTests : ConsoleContext
{
    [Fact]
    public async Task Action_OnAFullDisk_SaysSoInASnackbar()
    {
        var snackbar = Context.Services.GetRequiredService<ISnackbar>();

        var done = await snackbar.TryAsync(() => throw new DbUpdateException("Saving failed.", new SqliteException("database or disk is full", 13)));

        Assert.False(done);
        Assert.Contains("disk is full", snackbar.ShownSnackbars.Single().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Page_OnALockedDatabase_SaysSoInItsPlace()
    {
        var page = Context.Render<Fault>(p => p.Add(f => f.Exception, new SqliteException("database is locked", 5)));

        Assert.Contains("locked by another program", page.Find("[role=alert]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Page_WithAFaultOfTheProgram_TellsNothingOfIt()
    {
        var page = Context.Render<Fault>(p => p.Add(f => f.Exception, new InvalidOperationException("secret")));

        Assert.DoesNotContain("secret", page.Markup, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(13, NcrError.StorageFull)]
    [InlineData(8, NcrError.Unavailable)]
    [InlineData(10, NcrError.Unavailable)]
    [InlineData(5, NcrError.Unavailable)]
    [InlineData(14, NcrError.Unavailable)]
    [InlineData(11, NcrError.StorageDamaged)]
    [InlineData(26, NcrError.StorageDamaged)]
    public void Recognise_OfWhatTheDatabaseSays_KnowsIt(int code, NcrError error) =>
        Assert.Equal(error, StorageFailure.Recognise(new SqliteException("", code))?.Error);

    [Theory]
    [InlineData(28, NcrError.StorageFull)]
    [InlineData(122, NcrError.StorageFull)]
    [InlineData(30, NcrError.Unavailable)]
    [InlineData(24, NcrError.Unavailable)]
    [InlineData(5, NcrError.Unavailable)]
    public void Recognise_OfWhatTheSystemSays_KnowsIt(int code, NcrError error) =>
        Assert.Equal(error, StorageFailure.Recognise(new IOException("", code))?.Error);

    [Fact]
    public void Recognise_OfOtherFaults_LeavesThemAlone()
    {
        Assert.Null(StorageFailure.Recognise(new IOException("The connection was reset.")));
        Assert.Null(StorageFailure.Recognise(new FileNotFoundException()));
        Assert.Null(StorageFailure.Recognise(new SqliteException("no such table", 1)));
        Assert.Null(StorageFailure.Recognise(new OperationCanceledException()));
    }
}
