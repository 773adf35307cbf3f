A server that shows a login page, or nothing, in the place of a Location does not take with it what it led to.

== file a.root.yaml
apiVersion: backstage.io/v1alpha1
kind: Location
metadata:
  name: a
spec:
  target: https://example.org/b.yaml
== web https://example.org/b.yaml
apiVersion: backstage.io/v1alpha1
kind: Location
metadata:
  name: b
spec:
  target: ./c.yaml
== web https://example.org/c.yaml
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata:
  name: c
spec:
  type: database
  owner: team
== ingest
== web https://example.org/b.yaml
<html><body>Who are you?</body></html>
== ingest
== web https://example.org/b.yaml

== ingest
== web https://example.org/b.yaml
apiVersion: backstage.io/v1alpha1
kind: Location
metadata:
  name: b
spec:
  targets: []
== ingest
