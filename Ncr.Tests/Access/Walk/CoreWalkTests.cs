using System.Reflection;
using System.Runtime.CompilerServices;
using Ncr.Core;
using Ncr.Core.Access;

namespace Ncr.Tests.Access.Walk;

/// <summary>Every command of the core, for everybody: who may, may, and who may not, may not. And none is missing.</summary>
public sealed class CoreWalkTests(CallerSetup setup) : IClassFixture<CallerSetup>
{
    /// <summary>What names nobody who asks, or asks nobody's leave, and why that is right.</summary>
    private static readonly Dictionary<string, string> Open = new()
    {
        ["AccessKeyService.LoginAsync"] = "the key's secret proves who it is",
        ["AccessKeyService.FindLiveAsync"] = "asked with what a token says, which only this server can have sealed",
        ["AccessService.FindOwnRolesAsync"] = "one's own",
        ["AccessService.IsAllowedAsync"] = "it is what decides",
        ["AccessService.RegistriesAsync"] = "it is what decides",
        ["AccessService.RequireAsync"] = "it is what decides",
        ["AccessService.RequireLookAsync"] = "it is what decides",
        ["BackupLease.TakeAsync"] = "for whoever runs the program on the data folder",
        ["BackupService.BackupAsync"] = "for whoever runs the program on the data folder",
        ["BlobService.ExplainMissingAsync"] = "asked after FindAsync, which refuses first",
        ["BlobService.OpenAsync"] = "takes what only FindAsync gives, which refuses first",
        ["ExternalSignInService.SignInAsync"] = "the provider proves who it is",
        ["ManifestService.ExplainMissingAsync"] = "asked after FindAsync, which refuses first",
        ["NcrCoreExtensions.RequireCurrentDatabaseAsync"] = "the program's own start",
        ["NcrCoreExtensions.StartNcrCoreAsync"] = "the program's own start",
        ["NcrCoreExtensions.StopNcrCoreAsync"] = "the program's own end",
        ["PasswordService.GetNameAsync"] = "for whoever runs the program on the data folder",
        ["PrivateEntrance.IsOpenTo"] = "tells what the settings say of an address",
        ["PrivateEntrance.Lets"] = "tells what the settings say of an address",
        ["Readiness.FindFaultAsync"] = "anybody may know whether the server works",
        ["RestoreService.RestoreAsync"] = "for whoever runs the program on the data folder",
        ["ServerFigures.RefreshAsync"] = "changes nothing and tells nothing",
        ["SessionService.IsValidAsync"] = "the session's token proves who it is",
        ["SessionService.SignOutAsync"] = "the session's token proves who it is",
        ["SetupService.CompleteAsync"] = "the set-up code proves who it is",
        ["SetupService.IsNeededAsync"] = "anybody may know whether there is a user yet",
        ["SetupService.RunUnattendedAsync"] = "the program's own start, on an empty database",
        ["UserService.ChangePasswordAsync"] = "the present password proves who it is",
        ["UserService.ChooseByLinkAsync"] = "the link proves who it is",
        ["UserService.IsExternalAsync"] = "one's own",
        ["UserService.IsLinkGoodAsync"] = "the link proves who it is",
        ["UserService.SignInAsync"] = "the password proves who it is",
        ["VerifyService.VerifyAsync"] = "for whoever runs the program on the data folder",
        ["VerifyService.VerifyBackupAsync"] = "for whoever runs the program on the data folder",
    };

    public static TheoryData<string> Operations => new(CoreOperations.Everything.Select(o => o.ToString()));

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Command_IsFor_WhomTheTableSays(string operation)
    {
        var command = CoreOperations.Everything.Single(o => o.ToString() == operation);
        var target = await setup.NewTargetAsync();
        var wrong = new List<string>();
        foreach (var caller in setup.Callers)
        {
            var outcome = await command.RunAsync(target with { Actor = caller.Actor });
            if (!command.IsRight(caller, outcome))
            {
                wrong.Add($"{caller}: {(outcome is null ? "was let" : outcome)}");
            }

            if (command.Changes && outcome is null)
            {
                target = await setup.NewTargetAsync();
            }
        }

        Assert.True(wrong.Count == 0, $"{operation}\n{string.Join('\n', wrong)}");
    }

    [Fact]
    public void Commands_AreAllInTheTable()
    {
        var there = Commands().Select(CoreOperation.NameOf).Distinct().Order(StringComparer.Ordinal).ToList();
        var known = CoreOperations.Everything.Select(o => CoreOperation.NameOf(o.Method)).Concat(Open.Keys).ToList();

        Assert.True(there.Count > 100, "The commands were not found: has their form changed?");
        Assert.Empty(there.Except(known)); // Somebody added a command: say in CoreOperations who may.
        Assert.Empty(known.Except(there)); // It is gone, or was renamed.
        Assert.Empty(CoreOperations.Everything.Select(o => CoreOperation.NameOf(o.Method)).Intersect(Open.Keys));
    }

    /// <summary>Overloads go by one name: each that names who asks has to be called, too.</summary>
    [Fact]
    public void Commands_ThatNameWhoAsks_AreCalledEach()
    {
        var called = CoreOperations.Everything.Select(o => o.Method).ToHashSet();

        Assert.Empty(Commands().Where(m => TakesActor(m) && !called.Contains(m) && !Open.ContainsKey(CoreOperation.NameOf(m))).Select(m => m.ToString()));
    }

    /// <summary>What other projects can call: all that takes time, and all that is told who asks.</summary>
    private static IEnumerable<MethodInfo> Commands() =>
        from type in typeof(NcrCoreExtensions).Assembly.GetExportedTypes()
        where type.IsClass && !type.Namespace!.EndsWith(".Migrations", StringComparison.Ordinal) && type.GetMethod("<Clone>$") is null // No record.
        from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
        where !method.IsSpecialName && !method.IsDefined(typeof(CompilerGeneratedAttribute)) && method.Name != nameof(IAsyncDisposable.DisposeAsync)
        where TakesActor(method) || IsAwaited(method.ReturnType)
        select method;

    private static bool TakesActor(MethodInfo method) => method.GetParameters().Any(p => p.ParameterType == typeof(Actor));

    private static bool IsAwaited(Type type) =>
        typeof(Task).IsAssignableFrom(type) || type == typeof(ValueTask)
        || (type.IsGenericType && (type.GetGenericTypeDefinition() == typeof(ValueTask<>) || type.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>)));
}
