A file is renamed behind a Location: the entity moves with it, and nothing is left that blocks it.

== file all.root.yaml
apiVersion: backstage.io/v1alpha1
kind: Location
metadata:
  name: all
spec:
  target: ./old.yaml
== file old.yaml
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: a
spec:
  type: service
  lifecycle: production
  owner: team
== ingest
== remove old.yaml
== file new.yaml
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: a
spec:
  type: website
  lifecycle: production
  owner: team
== file all.root.yaml
apiVersion: backstage.io/v1alpha1
kind: Location
metadata:
  name: all
spec:
  target: ./new.yaml
== ingest
