using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;
using MudBlazor;
using Ncr.Web.Theme;

namespace Ncr.Web.Components.Layout;

/// <summary>The frame of every page: bar, navigation, theme, and what stands in for a page that failed.</summary>
public sealed partial class MainLayout(IJSRuntime js, NavigationManager navigation) : IDisposable
{
    private MudThemeProvider _themeProvider = null!;
    private ErrorBoundary? _boundary;
    private string? _choice;
    private bool _isDark;
    private bool _isThemeKnown;
    private bool _isDrawerOpen = true;

    [CascadingParameter(Name = "Theme")]
    private string? FirstChoice { get; set; }

    private NavigationManager Navigation => navigation;

    public void Dispose() => navigation.LocationChanged -= OnLocationChanged;

    protected override void OnInitialized()
    {
        _choice = FirstChoice;
        _isDark = _choice == ThemeChoice.Dark;
        _isThemeKnown = _choice is not null;
        navigation.LocationChanged += OnLocationChanged;
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        // Before anything is drawn in the wrong colours; the loading shell is shown meanwhile.
        var systemIsDark = await _themeProvider.GetSystemDarkModeAsync();
        _isDark = _choice is null ? systemIsDark : _isDark;
        _isThemeKnown = true;
        StateHasChanged();
        await _themeProvider.WatchSystemDarkModeAsync(FollowSystemAsync);
    }

    private Task FollowSystemAsync(bool systemIsDark) => InvokeAsync(() =>
    {
        if (_choice is null)
        {
            _isDark = systemIsDark;
            StateHasChanged();
        }
    });

    private async Task ChooseAsync(string? choice)
    {
        _choice = choice;
        _isDark = choice is null ? await _themeProvider.GetSystemDarkModeAsync() : choice == ThemeChoice.Dark;
        await js.InvokeVoidAsync("ncr.setTheme", choice);
    }

    private void OnLocationChanged(object? sender, LocationChangedEventArgs e) => _boundary?.Recover();
}
