using Ncr.Core.Hosting;
using Ncr.Web.Hosting;

try
{
    await using var server = await NcrServerHost.StartAsync(args);
    await server.WaitForShutdownAsync();
    return 0;
}
catch (StartupException exception)
{
    await Console.Error.WriteLineAsync($"NCR can't start. {exception.Message}");
    return 1;
}
