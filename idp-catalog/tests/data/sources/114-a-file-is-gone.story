A target that is gone keeps its children, and the Location says so; one that may be missing takes them along.

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
== unweb https://example.org/b.yaml
== ingest
== file all.root.yaml
apiVersion: backstage.io/v1alpha1
kind: Location
metadata:
  name: all
spec:
  target: https://example.org/b.yaml
  presence: optional
== ingest
