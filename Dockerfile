# docker build -t ncr . && docker run -p 5080:8080 -v ncr-data:/data ncr
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /src
COPY . .
RUN dotnet publish Ncr.Web -c Release -r "linux-$(dpkg --print-architecture | sed s/amd64/x64/)" -o /app && mkdir /data

FROM mcr.microsoft.com/dotnet/aspnet:10.0
ENV ASPNETCORE_HTTP_PORTS=8080 NCR__DATAPATH=/data
COPY --from=build /app /app
# The user "app" of Microsoft's images. A volume that is empty takes over the owner of what it covers.
COPY --from=build --chown=1654:1654 /data /data
USER 1654
WORKDIR /app
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
ENTRYPOINT ["dotnet", "/app/Ncr.Web.dll"]
