A host may decide that what is gone is gone; a server that is down is another matter.

== options
releaseGone: true
== file all.root.yaml
apiVersion: backstage.io/v1alpha1
kind: Location
metadata:
  name: all
spec:
  target: https://example.org/b.yaml
== web https://example.org/b.yaml
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: b
spec:
  type: service
  lifecycle: production
  owner: team
== ingest
== down
== ingest
== up
== unweb https://example.org/b.yaml
== ingest
