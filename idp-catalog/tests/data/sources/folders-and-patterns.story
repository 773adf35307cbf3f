Folders and patterns, here and behind a URL.

== file a.root.yaml
apiVersion: backstage.io/v1alpha1
kind: Location
metadata:
  name: a
spec:
  targets:
    - ./services/*/info.yaml
    - https://git.example.org/o/r/tree/main/
    - https://git.example.org/o/r/blob/main/more/**/*.yml
    - ./services
    - ./none/*.yaml
== file services/one/info.yaml
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: one
spec:
  type: service
  lifecycle: production
  owner: team
== file services/two/info.yaml
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: two
spec:
  type: service
  lifecycle: production
  owner: team
== file services/two/deep/info.yaml
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: deep
spec:
  type: service
  lifecycle: production
  owner: team
== file services/two/catalog-info.yaml
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: by-name
spec:
  type: service
  lifecycle: production
  owner: team
== web https://git.example.org/o/r/tree/main/x/catalog-info.yaml
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: x
spec:
  type: service
  lifecycle: production
  owner: team
== web https://git.example.org/o/r/tree/main/x/other.yaml
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: not-a-descriptor
spec:
  type: service
  lifecycle: production
  owner: team
== web https://git.example.org/o/r/blob/main/more/y/z.yml
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: z
spec:
  type: service
  lifecycle: production
  owner: team
== ingest
