"""AgentService: what `agent`, `ask` and `@name` do, as `commands.services.Agents`.

The workspace builds it so:

    AgentService(
        log=lambda: StoreRuns(store()),      # called by the first run; `spatio.agents.log.RunLog`
        endpoints=lambda: config.endpoints,  # the `[[endpoints]]` tables, called by the first run
        env=os.environ,                      # where keys and OPENAI_BASE_URL are looked for
    )

All arguments have defaults (runs kept in memory, no endpoints, an empty environment); building it
loads nothing large. Agents are read from `/agents/NAME.md` of the calling session's tree;
`spatio.agents.shipped.shipped()` gives the texts that a new workspace puts there.
"""
